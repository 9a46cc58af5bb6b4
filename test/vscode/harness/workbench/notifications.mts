/** Notification toasts and modal dialogs. */
import type { Page } from 'playwright-core';

/** Waits for a toast that contains `text`. @returns its whole message */
export async function waitForNotification(page: Page, text: string | RegExp): Promise<string> {
  const toast = page.locator('.notification-toast .notification-list-item-message').filter({ hasText: text }).first();
  await toast.waitFor();
  return (await toast.innerText()).trim();
}

export async function notifications(page: Page): Promise<readonly string[]> {
  return page.locator('.notification-toast .notification-list-item-message').allInnerTexts();
}

export async function clickNotificationButton(page: Page, text: string | RegExp, button: string): Promise<void> {
  const toast = page.locator('.notification-toast').filter({ hasText: text }).first();
  await toast.hover();
  await toast.getByRole('button', { name: button, exact: true }).click();
}

export async function dismissNotifications(page: Page): Promise<void> {
  for (let left = await page.locator('.notification-toast').count(); left > 0; left--) {
    const toast = page.locator('.notification-toast').first();
    await toast.hover();
    await toast.locator('.codicon-notifications-clear').click();
  }
}

/** The modal dialog's message and detail, once there is one. */
export async function dialogText(page: Page): Promise<string> {
  const dialog = page.locator('.monaco-dialog-box');
  await dialog.waitFor();
  return (await dialog.locator('.dialog-message-container').innerText()).trim();
}

export async function clickDialogButton(page: Page, label: string): Promise<void> {
  const dialog = page.locator('.monaco-dialog-box');
  await dialog.getByRole('button', { name: label, exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
}
