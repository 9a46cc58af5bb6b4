/** A picture of a number, as a PNG (https://www.w3.org/TR/png-3/): made here, so that no model can know it by heart. Pure. */

/** Five columns and seven rows for each digit, `#` for ink. */
const glyphs: readonly (readonly string[])[] = [
  [' ### ', '#   #', '#   #', '#   #', '#   #', '#   #', ' ### '],
  ['  #  ', ' ##  ', '  #  ', '  #  ', '  #  ', '  #  ', ' ### '],
  [' ### ', '#   #', '    #', '   # ', '  #  ', ' #   ', '#####'],
  [' ### ', '#   #', '    #', '  ## ', '    #', '#   #', ' ### '],
  ['   # ', '  ## ', ' # # ', '#  # ', '#####', '   # ', '   # '],
  ['#####', '#    ', '#### ', '    #', '    #', '#   #', ' ### '],
  [' ### ', '#    ', '#    ', '#### ', '#   #', '#   #', ' ### '],
  ['#####', '    #', '   # ', '  #  ', '  #  ', ' #   ', ' #   '],
  [' ### ', '#   #', '#   #', ' ### ', '#   #', '#   #', ' ### '],
  [' ### ', '#   #', '#   #', ' ####', '    #', '    #', ' ### '],
];
const glyphWidth = 5;
const glyphHeight = 7;

/** Pixels of one dot of a glyph: large enough for models that see in patches of 28 pixels. */
const scale = 12;
const margin = 2;
const gap = 1;

/** Black digits on white: one byte of grey for each pixel, row by row. */
export function drawNumber(digits: string): { readonly width: number; readonly height: number; readonly pixels: Uint8Array } {
  const columns = margin * 2 + digits.length * glyphWidth + Math.max(0, digits.length - 1) * gap;
  const rows = margin * 2 + glyphHeight;
  const width = columns * scale;
  const height = rows * scale;
  const pixels = new Uint8Array(width * height).fill(255);
  [...digits].forEach((digit, position) => {
    const glyph = glyphs[Number(digit)] ?? [];
    glyph.forEach((line, y) => {
      [...line].forEach((dot, x) => {
        if (dot !== '#') return;
        const left = (margin + position * (glyphWidth + gap) + x) * scale;
        const top = (margin + y) * scale;
        for (let row = top; row < top + scale; row++) pixels.fill(0, row * width + left, row * width + left + scale);
      });
    });
  });
  return { width, height, pixels };
}

/** The number as a `data:` URL. */
export function numberPicture(digits: string): string {
  const png = encodePng(drawNumber(digits));
  let binary = '';
  for (const byte of png) binary += String.fromCharCode(byte);
  return `data:image/png;base64,${btoa(binary)}`;
}

/** 8 bits of grey, no interlacing, no filter, not compressed: every reader of PNG understands it. */
function encodePng({ width, height, pixels }: ReturnType<typeof drawNumber>): Uint8Array {
  const lines = new Uint8Array((width + 1) * height);
  for (let row = 0; row < height; row++) lines.set(pixels.subarray(row * width, (row + 1) * width), row * (width + 1) + 1);
  const header = concat(uint32(width), uint32(height), Uint8Array.of(8, 0, 0, 0, 0));
  return concat(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), chunk('IHDR', header), chunk('IDAT', zlibStored(lines)), chunk('IEND', new Uint8Array()));
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const named = concat(new TextEncoder().encode(type), data);
  return concat(uint32(data.length), named, uint32(crc32(named)));
}

/** A zlib stream (RFC 1950) of blocks that are stored as they are (RFC 1951 §3.2.4). */
function zlibStored(data: Uint8Array): Uint8Array {
  const maxBlock = 65_535;
  const parts: Uint8Array[] = [Uint8Array.of(0x78, 0x01)];
  for (let start = 0; start < data.length; start += maxBlock) {
    const block = data.subarray(start, start + maxBlock);
    const isLast = start + maxBlock >= data.length;
    parts.push(Uint8Array.of(isLast ? 1 : 0, block.length & 255, block.length >> 8, ~block.length & 255, (~block.length >> 8) & 255), block);
  }
  return concat(...parts, uint32(adler32(data)));
}

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return ((b << 16) | a) >>> 0;
}

function uint32(value: number): Uint8Array {
  return Uint8Array.of((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
