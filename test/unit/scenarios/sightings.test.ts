import { expect, test } from 'vitest'
import {
  answeredIn,
  isBeyondGuard,
  longestBlindMs,
  longestSilenceMs,
  ranIn,
  twoAtOnce,
  type Sighting,
} from '../../scenarios/sightings.js'

/** In brackets: frozen. */
const runs = (atMs: number, ...nodes: readonly string[]): Sighting => {
  const frozen = nodes.flatMap((node) => /^\((.*)\)$/.exec(node)?.[1] ?? [])
  return { kind: 'runs', atMs, on: nodes.filter((node) => !node.startsWith('(')), frozen }
}
const owns = (who: string, ...dates: readonly number[]): readonly Sighting[] =>
  dates.map((atMs) => ({ kind: 'owns', atMs, who }))
const answers = (atMs: number, who: string | null): Sighting => ({ kind: 'answers', atMs, who })

/** In the order of their dates, as a watcher sees them. */
const seen = (...all: readonly (readonly Sighting[])[]): readonly Sighting[] =>
  all.flat().toSorted((a, b) => a.atMs - b.atMs)

test.each([
  ['one after the other', [runs(0, 'a'), runs(100), runs(200, 'b')], []],
  ['two at once', [runs(0, 'a'), runs(100, 'a', 'b'), runs(250, 'b')], ['two run it 100-250']],
  ['two until now', [runs(900, 'a', 'b')], ['two run it 900-1000']],
  [
    'one runs beside a frozen one',
    [runs(0, '(a)'), runs(100, 'b', '(a)'), runs(250, 'b')],
    ['two run it 100-250'],
  ],
  ['two frozen ones', [runs(100, '(a)', '(b)'), runs(250, '(b)')], ['two run it 100-250']],
  ['one frozen one', [runs(0, 'a'), runs(100, '(a)'), runs(200), runs(300, 'b')], []],
  ['an owner after another', seen(owns('a', 0, 50, 100), owns('b', 150, 200)), []],
  [
    'two owners by turns',
    seen(owns('a', 0, 50, 100, 150), owns('b', 60, 110)),
    ['two answer for the address 60-110'],
  ],
  ['an owner that comes back', seen(owns('a', 0, 50, 600, 650), owns('b', 200, 250, 300)), []],
  ['what was over before', [runs(-300, 'a', 'b'), runs(-200, 'b')], []],
] as const)('%s', (_, sightings, expected) => {
  const said = twoAtOnce(sightings, 0, 1000).map(({ what, fromMs, toMs }) => `${what} ${fromMs}-${toMs}`)
  expect(said).toEqual(expected)
})

test.each([
  ['a frozen one beside one that runs is no failure', [runs(0, '(a)', 'b')], []],
  [
    'nor is it for a moment after its resumption',
    [runs(0, '(a)', 'b'), runs(500, 'a', 'b'), runs(900, 'b')],
    [],
  ],
  ['longer than that it is', [runs(0, '(a)', 'b'), runs(500, 'a', 'b'), runs(1501, 'b')], ['a b']],
  ['two that run before are', [runs(0, 'a', 'b'), runs(100, '(a)', 'b')], ['a b']],
  ['two that run beside a frozen one are', [runs(0, 'a', 'b', '(c)'), runs(100, '(c)', 'b')], ['a b c']],
  ['two owners are', seen(owns('a', 0, 50, 100), owns('b', 60, 110)), ['a b']],
] as const)('where nothing but a guard protects: %s', (_, sightings, wrong) => {
  const two = twoAtOnce(sightings, 0, 2000).filter((each) => !isBeyondGuard(each, 450))
  expect(two.map(({ who }) => who.join(' '))).toEqual(wrong)
})

test('it was run by one after the other', () => {
  const sightings = [runs(0, 'a'), runs(100), runs(200, 'a'), runs(300, '(a)'), runs(400), runs(500, 'b')]
  expect(ranIn(sightings, 50, 1000)).toEqual(['a', 'b'])
  expect(ranIn(sightings, 350, 450)).toEqual([])
  expect(ranIn(sightings, 600, 1000)).toEqual(['b'])
})

test('a silence is counted between the two dates only', () => {
  const sightings = [answers(-500, null), answers(100, 'a 1'), answers(300, null), answers(700, 'b 2')]
  expect(longestSilenceMs(sightings, 0, 1000)).toBe(400)
  expect(longestSilenceMs(sightings, 0, 450)).toBe(150)
  expect(longestSilenceMs([answers(600, null)], 0, 1000)).toBe(400)
})

test('clients were answered by one after the other', () => {
  const sightings = [answers(0, 'a 1'), answers(100, null), answers(200, 'a 1'), answers(300, 'b 2')]
  expect(answeredIn(sightings, 0, 1000)).toEqual(['a 1', 'b 2'])
  expect(answeredIn(sightings, 250, 1000)).toEqual(['b 2'])
})

test('how long nobody looked', () => {
  const looked = (atMs: number, blindMs: number): Sighting => ({ kind: 'looked', atMs, blindMs })
  expect(longestBlindMs([looked(-1, 900), looked(500, 60), looked(900, 80)], 0, 1000)).toBe(80)
})
