// Polls: choosing, and what others chose.

import { h, t, attempt } from './base.js';

/** about is the line beneath a poll's question. */
function about(poll) {
  const kind = t(poll.type === 'quiz' ? 'poll.quiz' : poll.is_anonymous ? 'poll.anonymous' : 'poll.public');
  return [kind, poll.is_closed && t('poll.closed'), t('poll.votes', poll.total_voter_count)].filter(Boolean).join(' · ');
}

function result(poll, option, i, mine) {
  const share = poll.total_voter_count ? Math.round(100 * option.voter_count / poll.total_voter_count) : 0;
  const right = poll.correct_option_ids?.includes(i);
  return h('li', null,
    h('span', null, (mine.includes(i) ? '● ' : '') + option.text + (right ? ' ✓' : '')), h('span', null, share + ' %'),
    h('meter', { min: 0, max: 100, value: share, 'aria-label': option.text }));
}

/**
 * pollNode is a poll as one person sees it. acts.vote(m, options) votes; mine
 * are the options that they chose so far.
 */
export function pollNode(m, mine, acts) {
  const { poll } = m;
  const box = h('div', { class: 'poll' }, h('b', null, poll.question), h('div', { class: 'meta' }, about(poll)));
  if (poll.description) box.append(h('p', null, poll.description));
  if (poll.is_closed || mine.length) {
    box.append(h('ul', { class: 'plain' }, poll.options.map((o, i) => result(poll, o, i, mine))));
    if (poll.explanation) box.append(h('p', { class: 'meta' }, poll.explanation));
    if (!poll.is_closed && poll.allows_revoting) box.append(h('button', { type: 'button', onclick: () => acts.vote(m, []) }, t('poll.retract')));
    return box;
  }
  if (!poll.allows_multiple_answers) {
    box.append(h('div', { class: 'stack' }, poll.options.map((o, i) => h('button', { type: 'button', onclick: () => acts.vote(m, [i]) }, o.text))));
    return box;
  }
  const boxes = poll.options.map(() => h('input', { type: 'checkbox' }));
  const form = h('form', { class: 'stack' }, poll.options.map((o, i) => h('label', null, boxes[i], ' ', o.text)), h('button', { type: 'submit' }, t('poll.vote')));
  form.addEventListener('submit', (e) => {
    e.preventDefault();
    const chosen = boxes.flatMap((b, i) => (b.checked ? [i] : []));
    if (chosen.length) attempt(() => acts.vote(m, chosen));
  });
  box.append(form);
  return box;
}
