import type { CheckAnswer } from '../../daemon/api/contract.js'
import { clean, type Paint } from './paint.js'
import { table } from './table.js'

/** Tools with their paths and versions, features, and for what is missing what to do about it. */
export function checkLines(answer: CheckAnswer, paint: Paint): readonly string[] {
  const tools = answer.tools.map((tool) => [
    tool.command,
    tool.path === null ? paint('bad', 'missing') : paint('good', 'ok'),
    tool.path === null
      ? `apt-get install ${tool.package}`
      : clean([tool.path, tool.version ?? ''].join(' ').trim()),
    paint('faint', tool.neededBy.join(' ')),
  ])
  const features = answer.features.map((feature) => [
    feature.name,
    feature.present ? paint('good', 'ok') : paint('bad', 'missing'),
    feature.present ? '' : clean(feature.sentence),
  ])
  return [...table(tools), ...(features.length === 0 ? [] : ['', ...table(features)])]
}
