#!/usr/bin/env node
import { main } from './main.js'

// `nodemgr ACTION` is `om node ACTION`.
void main('nodemgr')
