import { expect, it } from 'vitest'
import { answeredBy } from '../../../src/resources/kit/arp.js'

it.each([
  ['Unicast reply from 192.0.2.14 [3E:52:C4:DA:68:FB]  0.546ms', '3e:52:c4:da:68:fb'],
  [
    'ARPING 192.0.2.14 from 0.0.0.0 bond0\nUnicast reply from 192.0.2.14 [02:00:00:00:00:14]',
    '02:00:00:00:00:14',
  ],
  ['Sent 1 probes (1 broadcast(s))\nReceived 0 response(s)', null],
  ['', null],
])('who answered: %s', (output, mac) => expect(answeredBy(output)).toBe(mac))
