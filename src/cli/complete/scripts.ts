/** Completion scripts. They only ask `operator __complete`, so that they never grow old. */

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

export function isShell(text: string): text is Shell {
  return shells.some((shell) => shell === text);
}

const bash = `# operator completion for bash
_operator_complete() {
  local line words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=()
  while IFS= read -r line; do
    case "$line" in
      @files) compopt -o default; COMPREPLY=(); return ;;
      @folders) compopt -o nospace; mapfile -t COMPREPLY < <(compgen -d -S / -- "\${COMP_WORDS[COMP_CWORD]}"); return ;;
      *) COMPREPLY+=("$line") ;;
    esac
  done < <("\${COMP_WORDS[0]}" __complete -- "\${words[@]}" 2>/dev/null)
}
complete -F _operator_complete operator
`;

const zsh = `#compdef operator
# operator completion for zsh
_operator() {
  local line
  local -a candidates
  for line in "\${(@f)$("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    case "$line" in
      @files) _files; return ;;
      @folders) _files -/; return ;;
      ?*) candidates+=("$line") ;;
    esac
  done
  compadd -a candidates
}
compdef _operator operator
`;

const fish = `# operator completion for fish
function __operator_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  for line in ($words[1] __complete -- $words[2..-1] "$current" 2>/dev/null)
    switch $line
      case @files
        __fish_complete_path "$current"
      case @folders
        __fish_complete_directories "$current"
      case '*'
        echo $line
    end
  end
end
complete -c operator -f -a '(__operator_complete)'
`;

export const completionScripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };
