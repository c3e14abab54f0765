// The process that reads a lab's watchdog devices. It records itself, and ends with the lab.
import { rename, writeFile } from 'node:fs/promises'
import { boot } from './life.js'
import { crash } from './node.js'
import { placeOf, recordOf } from './place.js'
import { processAt } from './process.js'
import { watch, watchdogPid } from './watchdog.js'

const place = placeOf(process.argv[2] ?? '')
const record = await recordOf(place)
const self = await processAt(process.pid)
await writeFile(`${watchdogPid(place)}.new`, `${process.pid} ${self?.start}\n`)
const watching = watch(place, record, async (n) => {
  await crash(place, n)
  await boot(place, record, n)
})
// recorded last: who finds the record finds the devices open for reading
await rename(`${watchdogPid(place)}.new`, watchdogPid(place))
await watching
