#!/usr/bin/env node
import { main } from './main.js'

// `svcmgr -s SERVICE ACTION` is `om SERVICE ACTION`.
void main('svcmgr')
