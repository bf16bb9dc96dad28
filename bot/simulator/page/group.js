// Groups: making one, and what can happen to one.

import { h, t, api, attempt, dialog, field, fullName } from './base.js';

/** groupForm makes groups; the person whose seat is in use owns them. */
export function groupForm(world) {
  const title = field(t('group.title'), { required: true, maxlength: 128 });
  const kind = h('select', { id: 'groupkind' }, ['group', 'supergroup', 'forum'].map((k) => h('option', { value: k }, t('group.' + k))));
  const bot = h('select', { id: 'groupbot' }, ['member', 'administrator'].map((k) => h('option', { value: k }, t('group.bot.' + k))));
  const labelled = (label, select) => h('div', { class: 'field' }, h('label', { for: select.id }, label), select);
  const form = h('form', null, title.box, labelled(t('group.kind'), kind), labelled(t('group.bot'), bot),
    h('button', { type: 'submit', class: 'primary' }, t('group.add')));
  form.addEventListener('submit', (e) => {
    e.preventDefault();
    const { users } = world.state();
    const owner = world.current().userID;
    attempt(() => api('groups', {
      title: title.input.value, supergroup: kind.value === 'supergroup', forum: kind.value === 'forum', owner, bot: bot.value,
      members: users.map((u) => u.id).filter((id) => id !== owner),
    }));
  });
  return form;
}

/** groupActs are the buttons of a group's menu; item makes one of them. */
export function groupActs(seat, item) {
  const group = seat.world.state().groups.find((g) => g.id === seat.chat?.group);
  if (!group) return [];
  const act = (what, body) => attempt(() => api(`group/${group.id}/${what}`, { by: seat.userID, ...body }));
  return [
    item(t('group.promotebot'), () => act('promotebot')),
    item(t('group.addbot'), () => act('addbot')),
    item(t('group.kickbot'), () => act('kickbot')),
    group.type === 'group' && item(t('group.upgrade'), async () => {
      const next = await act('upgrade');
      if (next) await seat.openChat({ group: next.id });
    }),
    group.is_forum && item(t('group.newTopic'), () => topicDialog(act)),
    item(t('group.leave'), () => act('leave')),
    item(t('group.delete'), () => act('delete')),
  ];
}

function topicDialog(act) {
  const name = field(t('group.topicName'), { required: true, maxlength: 128 });
  const form = h('form', { method: 'dialog' }, name.box, h('div', { class: 'row end' },
    h('button', { type: 'button', onclick: () => box.close() }, t('cancel')),
    h('button', { type: 'submit', class: 'primary' }, t('ok'))));
  form.addEventListener('submit', () => act('topic', { name: name.input.value }));
  const box = dialog(t('group.newTopic'), form);
}

/** topicSelect chooses the topic of a forum to write in; null elsewhere. */
export function topicSelect(seat) {
  const group = seat.world.state().groups.find((g) => g.id === seat.chat?.group);
  if (!group?.topics) return null;
  return h('select', { 'aria-label': t('group.topic'), onchange: (e) => { seat.topic = Number(e.target.value); } },
    group.topics.map((topic) => h('option', { value: topic.message_thread_id, selected: topic.message_thread_id === seat.topic }, topic.name)));
}

/** topicName is what a topic of a group is called. */
export function topicName(world, chat, id) {
  return world.state().groups.find((g) => g.id === chat)?.topics?.find((topic) => topic.message_thread_id === id)?.name ?? '';
}

export const members = (group) => group.members.filter((m) => ['creator', 'administrator', 'member'].includes(m.status)).map((m) => fullName(m.user));
