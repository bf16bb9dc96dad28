// Polls: choosing, and what others chose.

import { h, t, attempt } from './base.js';

/** about is the line beneath a poll's question. */
function about(poll, hidden) {
  const kind = t(poll.type === 'quiz' ? 'poll.quiz' : poll.is_anonymous ? 'poll.anonymous' : 'poll.public');
  return [kind, poll.is_closed && t('poll.closed'), !hidden && t('poll.votes', poll.total_voter_count), hidden && t('poll.hidden')].filter(Boolean).join(' · ');
}

/** scramble is a number that only the person and the option decide. */
function scramble(who, i) {
  let n = Math.imul(who + 1, 2654435761) ^ Math.imul(i + 1, 40503);
  n = Math.imul(n ^ n >>> 15, 2246822519);
  return (n ^ n >>> 13) >>> 0;
}

/** order is the places of the options, as this person sees them. */
function order(m, who) {
  const places = m.poll.options.map((_, i) => i);
  return m.shuffled_options ? places.sort((a, b) => scramble(who, a) - scramble(who, b)) : places;
}

function result(poll, i, mine, hidden) {
  const option = poll.options[i];
  const share = poll.total_voter_count ? Math.round(100 * option.voter_count / poll.total_voter_count) : 0;
  const right = poll.correct_option_ids?.includes(i);
  if (hidden) return h('li', null, h('span', null, (mine.includes(i) ? '● ' : '') + option.text));
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
  const hidden = m.hidden_results && !poll.is_closed;
  const places = order(m, acts.who());
  const box = h('div', { class: 'poll' }, h('b', null, poll.question), h('div', { class: 'meta' }, about(poll, hidden)));
  if (poll.description) box.append(h('p', null, poll.description));
  if (poll.is_closed || mine.length) {
    box.append(h('ul', { class: 'plain' }, places.map((i) => result(poll, i, mine, hidden))));
    if (poll.explanation && !hidden) box.append(h('p', { class: 'meta' }, poll.explanation));
    if (!poll.is_closed && poll.allows_revoting) box.append(h('button', { type: 'button', onclick: () => acts.vote(m, []) }, t('poll.retract')));
    return box;
  }
  if (!poll.allows_multiple_answers) {
    box.append(h('div', { class: 'stack' }, places.map((i) => h('button', { type: 'button', onclick: () => acts.vote(m, [i]) }, poll.options[i].text))));
    return box;
  }
  const boxes = poll.options.map(() => h('input', { type: 'checkbox' }));
  const form = h('form', { class: 'stack' }, places.map((i) => h('label', null, boxes[i], ' ', poll.options[i].text)), h('button', { type: 'submit' }, t('poll.vote')));
  form.addEventListener('submit', (e) => {
    e.preventDefault();
    const chosen = boxes.flatMap((b, i) => (b.checked ? [i] : []));
    if (chosen.length) attempt(() => acts.vote(m, chosen));
  });
  box.append(form);
  return box;
}
