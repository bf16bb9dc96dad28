// A small bot in three client libraries: node bot.js LIBRARY polling|webhook
//
// API is the server, TOKEN the bot's token; in webhook mode PORT is where it
// listens. It says "ready" when it can be written to.

import http from 'node:http';

const { API, TOKEN, PORT } = process.env;
const [library, mode] = process.argv.slice(2);
const pixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64');
const keyboard = { inline_keyboard: [[{ text: 'Yes', callback_data: 'yes' }, { text: 'No', callback_data: 'no' }]] };

/** Each library offers the same few acts, by its own methods. */
const libraries = {
  async grammy() {
    const { Bot, InputFile, webhookCallback } = await import('grammy');
    const bot = new Bot(TOKEN, { client: { apiRoot: API } });
    await bot.init();
    return {
      on: (handle) => bot.use((ctx) => handle(ctx.update)),
      send: (chat, text, extra) => bot.api.sendMessage(chat, text, extra),
      answer: (id, text) => bot.api.answerCallbackQuery(id, { text }),
      edit: (chat, id, text) => bot.api.editMessageText(chat, id, text),
      photo: (chat) => bot.api.sendPhoto(chat, new InputFile(pixel, 'pixel.png'), { caption: 'a pixel' }),
      link: async (id) => `${API}/file/bot${TOKEN}/${(await bot.api.getFile(id)).file_path}`,
      poll: () => { bot.start(); },
      hook: async (url) => { await bot.api.setWebhook(url); return webhookCallback(bot, 'http'); },
      why: (err) => err.description,
    };
  },
  async telegraf() {
    const { Telegraf } = (await import('telegraf')).default;
    const bot = new Telegraf(TOKEN, { telegram: { apiRoot: API } });
    return {
      on: (handle) => bot.use((ctx) => handle(ctx.update)),
      send: (chat, text, extra) => bot.telegram.sendMessage(chat, text, extra),
      answer: (id, text) => bot.telegram.answerCbQuery(id, text),
      edit: (chat, id, text) => bot.telegram.editMessageText(chat, id, undefined, text),
      photo: (chat) => bot.telegram.sendPhoto(chat, { source: pixel, filename: 'pixel.png' }, { caption: 'a pixel' }),
      link: async (id) => String(await bot.telegram.getFileLink(id)),
      poll: () => { bot.launch(); },
      hook: async (url) => { await bot.telegram.setWebhook(url); return bot.webhookCallback('/hook'); },
      why: (err) => err.description,
    };
  },
  async 'node-telegram-bot-api'() {
    const { Bot, InputFile } = await import('node-telegram-bot-api');
    const bot = new Bot(TOKEN, { apiRoot: API });
    return {
      on: (handle) => bot.use((ctx) => handle(ctx.update)),
      send: (chat, text, extra) => bot.api.sendMessage({ chat_id: chat, text, ...extra }),
      answer: (id, text) => bot.api.answerCallbackQuery({ callback_query_id: id, text }),
      edit: (chat, id, text) => bot.api.editMessageText({ chat_id: chat, message_id: id, text }),
      photo: (chat) => bot.api.sendPhoto({ chat_id: chat, photo: new InputFile(pixel, { filename: 'pixel.png' }), caption: 'a pixel' }),
      link: async (id) => `${API}/file/bot${TOKEN}/${(await bot.api.getFile({ file_id: id })).file_path}`,
      poll: () => { bot.startPolling(); },
      hook: async (url) => {
        await bot.api.setWebhook({ url });
        return async (req, res) => {
          let body = '';
          for await (const part of req) body += part;
          await bot.handleUpdate(JSON.parse(body));
          res.end();
        };
      },
      why: (err) => err.description ?? err.message,
    };
  },
  async gramio() {
    const { Bot, MediaUpload, webhookHandler } = await import('gramio');
    const bot = new Bot(TOKEN, { api: { baseURL: `${API}/bot` } });
    return {
      on: (handle) => bot.use((ctx) => handle(ctx.update)),
      send: (chat, text, extra) => bot.api.sendMessage({ chat_id: chat, text, ...extra }),
      answer: (id, text) => bot.api.answerCallbackQuery({ callback_query_id: id, text }),
      edit: (chat, id, text) => bot.api.editMessageText({ chat_id: chat, message_id: id, text }),
      photo: (chat) => bot.api.sendPhoto({ chat_id: chat, photo: MediaUpload.buffer(pixel, 'pixel.png'), caption: 'a pixel' }),
      link: async (id) => `${API}/file/bot${TOKEN}/${(await bot.api.getFile({ file_id: id })).file_path}`,
      poll: () => bot.start(),
      hook: async (url) => {
        await bot.start({ webhook: { url } });
        return webhookHandler(bot, 'http');
      },
      why: (err) => err.message,
    };
  },
};

const bot = await libraries[library]();

async function handle(update) {
  const query = update.callback_query;
  if (query) {
    await bot.answer(query.id, 'noted');
    await bot.edit(query.message.chat.id, query.message.message_id, 'you chose ' + query.data);
    return;
  }
  const { message } = update;
  if (!message) return;
  const chat = message.chat.id;
  if (message.photo) {
    const file = await (await fetch(await bot.link(message.photo.at(-1).file_id))).arrayBuffer();
    await bot.send(chat, `downloaded ${file.byteLength}`);
  } else if (message.text === 'photo') {
    await bot.photo(chat);
  } else if (message.text === 'error') {
    await bot.send(999, 'x').catch((err) => bot.send(chat, bot.why(err)));
  } else {
    await bot.send(chat, `<b>${library}</b> ${message.text}`, { parse_mode: 'HTML', reply_markup: keyboard });
  }
}

bot.on((update) => handle(update).catch((err) => { console.error(err); }));
if (mode === 'webhook') {
  let serve;
  const server = http.createServer((req, res) => serve(req, res));
  await new Promise((done) => server.listen(Number(PORT), '127.0.0.1', done));
  serve = await bot.hook(`http://127.0.0.1:${server.address().port}/hook`);
} else {
  bot.poll();
}
console.log('ready');
