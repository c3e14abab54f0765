import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { says, sectionsOf } from '../vm/walkthrough.js'

const TEXT = `# Title

## Look

\`\`\`console
node1# cat <<'EOF'
node2# is no prompt here
EOF
node2# is no prompt here
node1# true
\`\`\`

## Nothing to run

Words.

## Wait

\`\`\`power
node2: cut its power
\`\`\`

\`\`\`console until
client# ask
…
\`\`\`
`

describe('a document to be run', () => {
  test('is its blocks, with what is fed to a command and what it answers', () => {
    expect(sectionsOf(TEXT)).toEqual([
      {
        heading: 'Look',
        steps: [
          {
            kind: 'command',
            host: 'node1',
            command: "cat <<'EOF'\nnode2# is no prompt here\nEOF",
            answer: '',
            patient: false,
          },
          { kind: 'command', host: 'node2', command: 'is no prompt here', answer: '', patient: false },
          { kind: 'command', host: 'node1', command: 'true', answer: '', patient: false },
        ],
      },
      {
        heading: 'Wait',
        steps: [
          { kind: 'power', host: 'node2', on: false },
          { kind: 'command', host: 'client', command: 'ask', answer: '…', patient: true },
        ],
      },
    ])
  })

  test.each([
    ['an answer before a prompt', '## A\n\n```console\nwords\n```\n', 'before any prompt'],
    ['something else done to a machine', '## A\n\n```power\nnode2: kick it\n```\n', 'kick it'],
  ])('with %s is none', (_, text, why) => {
    expect(() => sectionsOf(text)).toThrow(why)
  })

  test('the tutorial is one: every block of it is run', () => {
    const page = readFileSync('docs/tutorial.md', 'utf8')
    const steps = sectionsOf(page).flatMap((section) => section.steps)
    const prompts = page.match(/^(node\d|client)# /gm) ?? []
    expect(steps.filter(({ kind }) => kind === 'command')).toHaveLength(prompts.length)
    expect(page.match(/^```/gm)?.length).toBe(
      2 * (page.match(/^```(console( until)?|power)$/gm)?.length ?? 0),
    )
  })
})

describe('an answer', () => {
  test.each([
    ['up on node1 (… s)', 'up on node1 (3.2 s)\n', true],
    ['up on node1 (… s)', 'up on node2 (3.2 s)\n', false],
    ['one\n…\ntwo', 'one\ntwo', true],
    ['one\n…\ntwo', 'one\n1\n2\ntwo\n', true],
    ['one\n…\ntwo', 'one\n1\n2\n', false],
    ['one\n…\ntwo\nthree', 'one\ntwo\n1\ntwo\nthree', true],
    ['one\n…\ntwo\n…\nthree', 'one\nthree\ntwo', false],
    ['one\n…\none', 'one', false],
    // What does not fit is known without trying all ways in which the rest could.
    [Array(30).fill('same').join('\n…\n') + '\nlast', 'same\n'.repeat(300), false],
    ['…', '', true],
    ['', '', true],
    ['', 'something', false],
    ['a.c', 'abc', false],
    ['X^    O', ' X^    O  \n', true],
    ['a…c', 'a\nc', false],
  ])('%j of the page is said by %j: %s', (answer, output, expected) => {
    expect(says(output, answer)).toBe(expected)
  })
})
