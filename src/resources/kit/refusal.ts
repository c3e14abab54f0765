import { fail } from '../../core/result.js'
import type { DoStep } from '../driver.js'

/** The one step of a driver that sees that it must not go on: it fails, and says why. */
export const refusal = (why: string): DoStep => ({
  kind: 'do',
  text: 'check that nothing stands in the way',
  refuses: true,
  run: async () => fail('CONFLICT', why),
})
