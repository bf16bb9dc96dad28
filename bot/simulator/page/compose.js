// Writing: text, commands, files, photos, voice, places, the reply keyboard.

import { h, t, attempt, toast, dialog, Refusal } from './base.js';
import { locationDialog } from './place.js';
import { summary } from './message.js';

/** shrink makes of a picture what apps send: a JPEG of at most 1280 pixels. */
async function shrink(file) {
  try {
    const image = await createImageBitmap(file);
    const scale = Math.min(1, 1280 / Math.max(image.width, image.height));
    const canvas = h('canvas', { width: Math.round(image.width * scale), height: Math.round(image.height * scale) });
    canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((done) => canvas.toBlob((blob) => done(blob ?? file), 'image/jpeg', 0.87));
  } catch {
    return file;
  }
}

export class Composer {
  constructor(seat) {
    this.seat = seat;
    this.mode = null; // {reply: m} or {edit: m}
    this.input = h('textarea', { rows: 1, 'aria-label': t('write'), placeholder: t('write'), title: t('shortcut') });
    this.input.addEventListener('keydown', (e) => this.key(e));
    this.input.addEventListener('input', () => this.grow());
    const icon = (word, sign, f) => h('button', { type: 'button', class: 'icon', 'aria-label': t(word), title: t(word), onclick: f }, sign);
    this.attach = icon('attach', '📎', () => this.openAttach());
    this.slash = icon('commands', '/', () => this.openCommands());
    this.mic = icon('record', '🎤', () => this.record());
    this.drop = icon('cancelRecording', '✕', () => this.stop(false));
    this.sendButton = h('button', { type: 'submit', class: 'icon primary', 'aria-label': t('send'), title: t('send') }, '➤');
    this.note = h('div', { class: 'note', hidden: true });
    this.progress = h('div', { class: 'progress', hidden: true });
    this.keys = h('div', { class: 'keys', role: 'group', 'aria-label': t('answer'), hidden: true });
    this.form = h('form', { class: 'composer' }, this.attach, this.slash, this.input, this.drop, this.mic, this.sendButton);
    this.form.addEventListener('submit', (e) => { e.preventDefault(); this.send(); });
    this.big = h('button', { type: 'button', class: 'primary big', hidden: true });
    this.drop.hidden = true;
    this.picker = h('input', { type: 'file', hidden: true, tabindex: -1, 'aria-label': t('attach') });
    this.root = h('div', { class: 'below-chat' }, this.progress, this.note, this.form, this.big, this.keys, this.picker);
  }

  focus() { if (!this.form.hidden) this.input.focus({ preventScroll: true }); else this.big.focus(); }

  grow() {
    this.input.style.height = 'auto';
    this.input.style.height = Math.min(this.input.scrollHeight, 140) + 'px';
  }

  key(e) {
    if (e.key === 'Enter' && !e.shiftKey && !e.isComposing) {
      e.preventDefault();
      this.send();
    } else if (e.key === 'Escape' && this.mode) {
      this.setMode(null);
    } else if (e.key === 'ArrowUp' && this.input.value === '') {
      const mine = [...this.seat.messages.values()].filter((m) => m.from?.id === this.seat.userID && m.text);
      if (mine.length) { e.preventDefault(); this.edit(mine.at(-1)); }
    }
  }

  async send() {
    const text = this.input.value.trim();
    if (!text) return;
    const mode = this.mode;
    // Emptied before it is sent, as in the apps: what is written meanwhile is
    // the next message, and Enter pressed again sends nothing twice.
    this.put('', null);
    const ok = mode?.edit
      ? await this.seat.do('edit', { message_id: mode.edit.message_id, text })
      : await this.seat.say(text, mode?.reply?.message_id);
    if (!ok) this.put([text, this.input.value].filter(Boolean).join('\n'), this.mode ?? mode);
  }

  /** put makes text what is being written, as a reply, an edit or neither. */
  put(text, mode) {
    this.input.value = text;
    this.setMode(mode);
    this.grow();
  }

  replyTo(m) { this.setMode({ reply: m }); }

  edit(m) { this.put(m.text ?? m.caption ?? '', { edit: m }); }

  setMode(mode) {
    this.mode = mode;
    this.note.hidden = !mode;
    if (!mode) return this.note.replaceChildren();
    const line = mode.edit ? t('editing', summary(mode.edit)) : t('replyTo', summary(mode.reply));
    this.note.replaceChildren(h('span', null, line), h('button', {
      type: 'button', class: 'icon', 'aria-label': t('cancel'), onclick: () => { this.put('', null); this.focus(); },
    }, '✕'));
    return this.focus();
  }

  /** update shows Start or Unblock where nothing can be written yet. */
  update() {
    const { seat } = this;
    const fresh = !seat.chat?.group && !seat.started;
    const hadFocus = this.form.contains(document.activeElement) || document.activeElement === this.big;
    this.form.hidden = seat.blocked || fresh;
    this.big.hidden = !this.form.hidden;
    this.big.textContent = t(seat.blocked ? 'unblock' : 'start');
    this.big.onclick = () => seat.do('start', {});
    this.slash.hidden = !(seat.commands?.length);
    this.mic.hidden = !window.MediaRecorder || !navigator.mediaDevices;
    this.input.setAttribute('aria-label', t('writeTo', seat.name));
    if (hadFocus) this.focus();
  }

  /** setKeyboard shows a reply keyboard, or takes it away. */
  setKeyboard(keyboard) {
    this.keys.hidden = !keyboard;
    this.input.placeholder = keyboard?.input_field_placeholder || t('write');
    this.keys.replaceChildren(...(keyboard?.keyboard ?? []).map((row) => h('div', { class: 'row' }, row.map((key) => h('button', {
      type: 'button', class: key.style ? 'style-' + key.style : null,
      onclick: async () => {
        await this.seat.pressKey(key);
        if (keyboard.one_time_keyboard) this.keys.hidden = true;
        this.focus();
      },
    }, key.text)))));
  }

  openCommands() {
    const box = dialog(t('commands'), h('div', { class: 'stack' },
      this.seat.commands.map((c) => h('button', {
        type: 'button', class: 'command', onclick: () => { box.close(); this.seat.say('/' + c.command); this.focus(); },
      }, h('b', null, '/' + c.command), ' ', c.description)),
      h('button', { type: 'button', onclick: () => box.close() }, t('close'))));
  }

  openAttach() {
    const item = (word, sign, f) => h('button', { type: 'button', onclick: () => { box.close(); f(); } },
      h('span', { 'aria-hidden': 'true' }, sign + ' '), t(word));
    const box = dialog(t('attach'), h('div', { class: 'stack' },
      item('photo', '🖼', () => this.pick('photo', 'image/*')),
      item('file', '📄', () => this.pick('document', '')),
      item('location', '📍', () => locationDialog((where) => this.seat.do('location', where))),
      item('contact', '👤', () => this.seat.do('contact', {})),
      h('button', { type: 'button', onclick: () => box.close() }, t('cancel'))));
  }

  /** pick asks for files; several photos make an album. */
  pick(kind, accept) {
    this.picker.value = '';
    this.picker.accept = accept;
    this.picker.multiple = true;
    this.picker.onchange = async () => {
      const files = [...this.picker.files].slice(0, 10);
      let caption = this.input.value.trim();
      this.input.value = '';
      const album = files.length > 1 ? String(Date.now()) : '';
      for (const file of files) {
        if (await this.upload(kind, kind === 'photo' ? await shrink(file) : file, { name: file.name, caption, album })) caption = '';
      }
      if (caption && !this.input.value) this.put(caption, this.mode);
      this.focus();
    };
    this.picker.click();
  }

  /** upload sends a file and shows how far it is. */
  upload(kind, blob, { name, caption = '', seconds = 0, album = '' }) {
    const query = new URLSearchParams({ kind, name, caption, seconds, album, ...this.seat.where });
    const bar = h('progress', { max: 1, value: 0, 'aria-label': t('uploading', name) });
    const line = h('div', { class: 'row' }, h('span', null, t('uploading', name)), bar);
    this.progress.append(line);
    this.progress.hidden = false;
    return attempt(() => new Promise((done, fail) => {
      const request = new XMLHttpRequest();
      request.open('POST', `simulator/upload/${this.seat.userID}?${query}`);
      request.setRequestHeader('Content-Type', blob.type || 'application/octet-stream');
      request.upload.onprogress = (e) => { if (e.lengthComputable) bar.value = e.loaded / e.total; };
      request.onload = () => {
        if (request.status === 200) return done(JSON.parse(request.responseText));
        let why = request.statusText;
        try { why = JSON.parse(request.responseText).error; } catch { /* not JSON */ }
        return fail(new Refusal(why));
      };
      request.onerror = () => fail(new Refusal(t('lost')));
      request.send(blob);
    })).finally(() => {
      line.remove();
      this.progress.hidden = !this.progress.children.length;
    });
  }

  async record() {
    if (this.recorder) return this.stop(true);
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      return toast(t('noMicrophone'));
    }
    const type = ['audio/ogg;codecs=opus', 'audio/webm;codecs=opus', ''].find((x) => !x || MediaRecorder.isTypeSupported(x));
    const recorder = new MediaRecorder(stream, type ? { mimeType: type } : {});
    const parts = [];
    const since = Date.now();
    const seconds = () => Math.max(1, Math.round((Date.now() - since) / 1000));
    recorder.ondataavailable = (e) => parts.push(e.data);
    recorder.onstop = async () => {
      clearInterval(this.ticking);
      stream.getTracks().forEach((track) => track.stop());
      const keep = this.keep;
      this.recorder = null;
      this.recording(false);
      if (keep) await this.upload('voice', new Blob(parts, { type: recorder.mimeType }), { name: 'voice.ogg', seconds: seconds() });
      this.focus();
    };
    this.recorder = recorder;
    recorder.start();
    this.recording(true);
    this.ticking = setInterval(() => { this.note.textContent = t('recording', seconds() + ' s'); }, 500);
    return undefined;
  }

  stop(keep) {
    this.keep = keep;
    this.recorder?.stop();
  }

  recording(on) {
    this.drop.hidden = !on;
    this.input.hidden = on;
    this.mic.classList.toggle('active', on);
    this.mic.setAttribute('aria-label', t(on ? 'stopRecording' : 'record'));
    this.note.hidden = !on;
    this.note.textContent = on ? t('recording', '0 s') : '';
  }
}
