// The same switch of the same service as OpenSVC's documentation shows it, "Docker Relocation", switch logs: two real machines.
import { wholeOf } from './switch-log.js'

/** Of each resource's lines the first one, and the last of all: the others say what its time went to. */
export const DOCKER_RELOCATION = wholeOf(`
20:35:50,004 node-1-1.db1 INFO service db1 target state set to placed@node-1-2
20:35:50,175 node-1-1.db1 INFO stop failover up instance to satisfy the placed@node-1-2 target
20:35:50,434 node-1-1.db1 INFO do stop --local (daemon origin)
20:35:50,522 node-1-1.db1.container#1 INFO docker stop …
20:35:51,001 node-1-1.db1.ip#0 INFO nsenter … ip addr del 192.168.100.14/24 dev eth0
20:35:52,210 node-1-1.db1.container#0 INFO docker stop …
20:35:52,986 node-1-1.db1.fs#1 INFO umount /srv/db1/data
20:35:53,249 node-1-1.db1.disk#1 INFO lvchange -a n db1/data
20:35:53,391 node-1-1.db1.disk#0 INFO vg db1 is already down
20:35:53,880 node-1-2.db1 INFO start failover down instance to satisfy the placed@node-1-2 target
20:35:54,076 node-1-2.db1 INFO do start --local (daemon origin)
20:35:54,252 node-1-2.db1.ip#0 INFO checking 192.168.100.14 availability
20:35:59,323 node-1-2.db1.disk#0 INFO vgchange --deltag @node-1-1 db1
20:35:59,766 node-1-2.db1.disk#1 INFO lv db1/data is already up
20:35:59,861 node-1-2.db1.fs#1 INFO mount -t xfs /dev/db1/data /srv/db1/data
20:36:00,160 node-1-2.db1.container#0 INFO docker run …
20:36:00,671 node-1-2.db1.ip#0 INFO bridge mode
20:36:01,267 node-1-2.db1.container#1 INFO docker run …
20:36:01,624 node-1-2.db1.container#1 INFO wait for container operational
`)

/** Waits for pings that nobody answers: 1187 ms at the stop, 5071 ms before the start. */
export const PINGS_MS = 6258
