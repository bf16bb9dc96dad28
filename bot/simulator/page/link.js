// Opening a deep link, as a QR code on a poster would.

import { h, t, dialog, field, attempt } from './base.js';

/** linkDialog asks for a start payload, shows link and QR code, and opens it. */
export function linkDialog(seat) {
  const payload = field(t('payload'), { maxlength: 64, pattern: '[A-Za-z0-9_\\-]*', spellcheck: 'false' });
  const address = h('output', { class: 'address' });
  const code = h('img', { alt: t('qr'), width: 232, height: 232, class: 'qr' });
  const link = () => `https://t.me/${seat.bot.username}` + (payload.input.value ? '?start=' + encodeURIComponent(payload.input.value) : '');
  const show = () => {
    address.textContent = link();
    code.src = 'simulator/qr?text=' + encodeURIComponent(link());
  };
  payload.input.addEventListener('input', show);
  const form = h('form', { method: 'dialog' }, h('p', null, t('linkHelp')), payload.box, address, code,
    h('div', { class: 'row end' },
      h('button', { type: 'button', onclick: () => box.close() }, t('cancel')),
      h('button', { type: 'submit', class: 'primary' }, t('open'))));
  form.addEventListener('submit', () => attempt(async () => {
    await seat.do('open', { link: link() });
    seat.composer.focus();
  }));
  const box = dialog(t('link'), form);
  show();
}
