---@meta
-- What Saker adds to Lua 5.2 for scripts. Editors with the Lua language server
-- complete and check from this file; a test compares it with what is there.
--
-- `require` finds modules beside the scripts and, better, in a folder there: the
-- files of the directory itself are run as scripts too. A module that registers
-- nothing may lie there; who requires it sees a change when loaded again.
--
-- A function that cannot do its work returns nil and a message; no argument
-- raises an error. A function that waits lets the other tasks run meanwhile;
-- it cannot be called within table.sort, gsub, load, require, tostring or an
-- error handler, and says so.

--- Runs once, when the script has been loaded; later like PROP_PASSIVITY.
PROP_ONCE = 2
--- Runs when the script has been loaded, and again after each end.
PROP_CYCLE = 3
--- Runs only when it is called.
PROP_PASSIVITY = 4
--- Runs when Saker shuts down.
PROP_DEFER = 5

LOG_FATAL = 1
LOG_CRITICAL = 2
LOG_ERROR = 3
LOG_WARNING = 4
LOG_NOTICE = 5
LOG_INFO = 6
LOG_DEBUG = 7
LOG_TRACE = 8

saker = {}

---@class saker.register_options
---@field help? string one line for COMMAND DOCS
---@field every? number|string of PROP_CYCLE: milliseconds, or "5s"; default `interval` in [scripts]
---@field arity? integer as in Redis: counts the name; negative: at least so many
---@field right? "status"|"events"|"control"|"script"|"admin" what callers need; default "script"

--- Makes a function a command of its own. Callers give arguments, the function
--- gets them as one table of strings. What it returns is the reply: nil or
--- false is null, true is 1, numbers are integers, strings bulks, arrays
--- arrays; `{ok=text}`, `{err=text}`, `{map=t}`, `{set=t}`, `{double=n}`; or
--- `true, text`, and `nil, text` or `false, text` for an error. An alias that
--- is there is replaced. Names of built-in commands are refused; an alias that
--- another file has is taken away again, which LOAD, TASKS and the log tell: of
--- files that start together the first by name has it. Every property can be called. PROP_ONCE, PROP_CYCLE and
--- PROP_DEFER run without arguments; their errors are logged.
---```lua
---saker.register("greet", function(args)
---  return "hello " .. (args[1] or "world")
---end, PROP_PASSIVITY, {help = "greet [name]", arity = -1})
---```
---@param alias string 1 to 128 characters without blanks
---@param fun function|string or the name of a global function
---@param property integer PROP_ONCE, PROP_CYCLE, PROP_PASSIVITY or PROP_DEFER
---@param options? saker.register_options
---@return true? ok
---@return string? why
function saker.register(alias, fun, property, options) end

--- Removes an alias of this script. A task that runs goes on.
---```lua
---saker.register("soon gone", print, PROP_PASSIVITY) -- refused: a blank
---saker.register("gone", function() return 1 end, PROP_PASSIVITY)
---assert(saker.unregister("gone"))
---```
---@param alias string
---@return true? ok
---@return string? why
function saker.unregister(alias) end

--- Sends a message to all who subscribed to a channel. Waits.
---```lua
---local receivers = assert(saker.publish("news", "it works"))
---saker.log("info", "heard by", receivers)
---```
---@param channel string
---@param message string
---@return integer? receivers
---@return string? why
function saker.publish(channel, message) end

---@class saker.handle
---@field close fun(self: saker.handle): true?, string? ends it; nil and a message if it has ended already

--- Runs a function with each message of a channel or pattern (`*`, `?`, `[ab]`),
--- one after the other. If messages come faster than it takes them, some are
--- dropped; the next one says how many.
---```lua
---local handle = assert(saker.subscribe("news.*", function(channel, message, missed)
---  saker.log("info", channel, message, missed)
---end))
---handle:close()
---```
---@param pattern string
---@param fun fun(channel: string, message: string, missed: integer)
---@return saker.handle? handle
---@return string? why
function saker.subscribe(pattern, fun) end

--- Publishes an event of the script's own on the channel
--- `saker:<node>:script/<file>:<name>`, with `data` as JSON and a number as
--- those of services have it. Names of their events (`exit`, `running` …) are
--- refused. Waits.
---```lua
---local id = assert(saker.event("backup.done", {files = 3}))
---saker.log("info", "event", id)
---```
---@param name string 1 to 63 of A-Z a-z 0-9 _ . -
---@param data? table
---@return string? id
---@return string? why
function saker.event(name, data) end

--- Runs a command of Saker, with all rights and for all services, whoever called
--- the script and whatever its `right` is: who hands on what callers say gives
--- them everything. A status is `{ok=text}`, an error nil and its text,
--- a map `{map=t}`, null is nil, null inside an array is false. Waits.
---```lua
---local reply = assert(saker.call("PING", "hello"))
---saker.log("debug", reply)
---```
---@param command string
---@param ... string|number
---@return any reply
---@return string? why
function saker.call(command, ...) end

---@class saker.exec_options
---@field timeout? number|string milliseconds, or "5s"; default 10 s
---@field dir? string
---@field env? table<string, string> added to the usual environment
---@field input? string what its standard input holds, at most 1 MiB; default nothing

---@class saker.exec_result
---@field code integer exit code; 0 if a signal ended it
---@field signal integer 0 if it exited
---@field out string
---@field err string

--- Runs a program to its end. A string is a command of /bin/sh, a table is the
--- program and its arguments without a shell. After the timeout it is killed,
--- and the answer is nil and a message. What it leaves behind is killed at its
--- end: what shall go on is for saker.adopt or a definition. Waits.
---```lua
---local ls = assert(saker.exec({"ls", "-l", "/tmp"}, {timeout = "2s"}))
---if ls.code ~= 0 then saker.log("warning", ls.err) end
---local sorted = assert(saker.exec({"sort"}, {input = "b\na\n"})).out
---```
---@param command string|string[]
---@param options? number|string|saker.exec_options a number is the timeout in milliseconds
---@return saker.exec_result? result
---@return string? why
function saker.exec(command, options) end

--- Runs a command of /bin/sh to its end and answers what it wrote to its
--- standard output, and its exit code; 128 and the signal, if one ended it.
--- Waits.
---```lua
---local text, code = saker.popen("echo hello")
---saker.log("info", text, code)
---```
---@param command string
---@param timeout? number|string milliseconds, or "5s"; default 10 s
---@return string? out
---@return integer|string code the exit code, or why there is none
function saker.popen(command, timeout) end

---@class saker.adoption
---@field cmd string the program
---@field args? string[]
---@field name? string of the service; default: that of the pidfile (`web` for
---`/run/web.pid`) or of the program, with a number if it is taken
---@field pidfile? string written and locked for it
---@field user? string
---@field umask? string "022"
---@field dir? string
---@field stdout? string a file; default: a log of Saker
---@field stderr? string a file; default: where stdout goes

--- Starts a program that runs on when the script and even Saker's node are gone:
--- a service of that name until it ends, seen by SVSTATUS, logged, stopped by
--- SVSTOP, and not started again by itself. Or `(pidfile, command line, user)`:
--- quotes keep words together, nil is no pidfile. Answers when it has lived for
--- 100 ms. Waits.
---```lua
---local pid, pidfile = saker.adopt {cmd = "sleep", args = {"60"}, name = "nap",
---                                  pidfile = "/run/nap.pid"}
---if not pid then saker.log("warning", pidfile) end
---saker.adopt(nil, "logger 'good morning'", "nobody")
---```
---@param what saker.adoption|string?
---@param command? string
---@param user? string
---@return integer? pid
---@return string? pidfile or why it does not run
function saker.adopt(what, command, user) end

---@class saker.pidof_options
---@field pidfile? string
---@field match? string a regular expression (RE2) on command line or name
---@field user? string name or number

--- The pid of a daemon that lives: by its pidfile, which must be believable
--- (that process has a lock on it, matches `match`, or began before the file
--- was written) and not be writable by others; or, without a pidfile, the one
--- process that matches. saker.kill knows it again. Waits.
---```lua
---local pid, why = saker.pidof("/run/nginx.pid", "^nginx: master")
---if not pid then saker.log("debug", why) end
---pid = saker.pidof {match = "^/usr/sbin/cron", user = "root"}
---```
---@param pidfile string|saker.pidof_options
---@param match? string
---@return integer? pid
---@return string? why
function saker.pidof(pidfile, match) end

--- Sends a signal to a process that Saker started, with all that descends from
--- such, or that saker.pidof found, which is refused if another process has that
--- pid by now. Others may be signalled only by commands that are registered with
--- `right = "admin"`; init, threads of the kernel and Saker itself never.
---```lua
---local pid, why = saker.pidof("/run/example.pid")
---if pid then assert(saker.kill(pid, "HUP")) else saker.log("debug", why) end
---```
---@param pid integer
---@param signal? integer|string a number or "TERM"; default TERM; 0 only asks
---@return true? ok
---@return string? why
function saker.kill(pid, signal) end

--- Lets time pass; other tasks run meanwhile. `saker.sleep(0)` in a long loop
--- gives them their turn and the loop a new time budget.
---```lua
---saker.sleep(10)
---saker.sleep("0.1s")
---```
---@param time number|string milliseconds, or "5s"
---@return true? ok
---@return string? why
function saker.sleep(time) end

--- Runs a function again and again, `time` after each end.
---```lua
---local handle = assert(saker.every("5s", function() saker.publish("tick", "tock") end))
---handle:close()
---```
---@param time number|string milliseconds, or "5s"
---@param fun fun()
---@return saker.handle? handle
---@return string? why
function saker.every(time, fun) end

--- Runs a function once.
---```lua
---saker.after("1s", function() saker.log("info", "a second later") end)
---```
---@param time number|string milliseconds, or "5s"
---@param fun fun()
---@return saker.handle? handle
---@return string? why
function saker.after(time, fun) end

--- Runs a function by a schedule as in crontab(5), in local time: minute, hour,
--- day of month, month, day of week; or `@hourly @daily @weekly @monthly
--- @yearly`. What is due while it still runs is left out. A time that summer
--- time skips comes once, at the end of the gap; one that comes twice, the
--- first time only; `*` in minute or hour follows the time that passes.
---```lua
---saker.cron("*/5 * * * *", function() saker.log("info", os.date("%H:%M")) end)
---```
---@param schedule string
---@param fun fun()
---@return saker.handle? handle
---@return string? why
function saker.cron(schedule, fun) end

--- Writes a line to the log of Saker. LOG_FATAL, LOG_CRITICAL and LOG_ERROR add
--- a stack trace.
---```lua
---saker.log(LOG_INFO, "answer:", 42)
---saker.log("warning", "names work too")
---```
---@param level integer|string LOG_FATAL to LOG_TRACE, or "fatal" to "trace"
---@param ... any joined by blanks
---@return true? ok
---@return string? why
function saker.log(level, ...) end

--- The directory where relative paths of this script start, also those of
--- programs that it runs; at first "/".
---```lua
---saker.log("debug", saker.pwd())
---```
---@return string dir
function saker.pwd() end

--- Changes that directory, for this script only.
---```lua
---assert(saker.cd("/tmp"))
---```
---@param path string
---@return true? ok
---@return string? why
function saker.cd(path) end

--- The names in a directory, sorted, with those that begin with a dot. Waits.
---```lua
---for _, name in ipairs(saker.ls("/etc", "*.conf") or {}) do
---  saker.log("debug", name)
---end
---```
---@param path string
---@param pattern? string a glob
---@return string[]? names
---@return string? why
function saker.ls(path, pattern) end

--- The files below a directory as `path/…`, directory by directory, the nearest
--- first. Links are listed and not followed; what may not be read is left out.
--- Waits.
---```lua
---local files, why = saker.walk("/etc/default")
---saker.log("debug", files and #files or why)
---```
---@param path string
---@param pattern? string a glob on the name
---@return string[]? files
---@return string? why
function saker.walk(path, pattern) end

--- Copies a file, or a directory with all that is in it. If the target is a
--- directory, the copy is made in it. Modes are kept. Waits.
---```lua
---local ok, why = saker.cp("/etc/hostname", "/nowhere/copy")
---if not ok then saker.log("debug", why) end
---```
---@param source string
---@param target string
---@return true? ok
---@return string? why
function saker.cp(source, target) end

--- Makes directories, whose parents must be there. Stops at the first that
--- cannot be made.
---```lua
---local ok, why = saker.mkdir("/")
---saker.log("debug", ok, why)
---```
---@param ... string
---@return true? ok
---@return string? why
function saker.mkdir(...) end

--- Removes empty directories. Stops at the first that cannot be removed.
---```lua
---local ok, why = saker.rmdir("/nowhere")
---saker.log("debug", ok, why)
---```
---@param ... string
---@return true? ok
---@return string? why
function saker.rmdir(...) end

--- Whether a path names a directory; links are followed.
---```lua
---assert(saker.isdir("/") == true)
---```
---@param path string
---@return boolean? yes
---@return string? why
function saker.isdir(path) end

--- Whether it names a regular file; links are followed.
---```lua
---assert(saker.isfile("/") == false)
---```
---@param path string
---@return boolean? yes
---@return string? why
function saker.isfile(path) end

--- Whether it names a symbolic link; nil and a message if it names nothing.
---```lua
---assert(saker.islink("/") == false)
---```
---@param path string
---@return boolean? yes
---@return string? why
function saker.islink(path) end

---@class saker.file_info
---@field IFDIR boolean
---@field IFREG boolean
---@field IFREAD boolean somebody may read it
---@field IFWRITE boolean somebody may write it
---@field IFEXEC boolean somebody may execute it
---@field IFLINK? boolean the path names a link to it
---@field MODE? integer permission bits
---@field SIZE? integer bytes
---@field ATIME? integer Unix seconds
---@field MTIME? integer
---@field CTIME? integer

--- What a file is; with `more` also the fields that may be missing.
---```lua
---local info = assert(saker.fileinfo("/etc", true))
---saker.log("debug", info.IFDIR, info.MTIME)
---```
---@param path string
---@param more? boolean
---@return saker.file_info? info
---@return string? why
function saker.fileinfo(path, more) end

--- A random UUID (version 4) in upper case.
---```lua
---saker.log("debug", saker.uuid())
---```
---@return string? uuid
---@return string? why
function saker.uuid() end

--- The MD5 sum of a text, or of its first bytes, in lower case. For names of
--- files, not for secrets.
---```lua
---assert(saker.md5("abc") == "900150983cd24fb0d6963f7d28e17f72")
---```
---@param text string
---@param length? integer
---@return string? sum
---@return string? why
function saker.md5(text, length) end

--- A figure of the script for the page of metrics: sets it, or tells it. Not
--- available yet: it answers nil and what to use meanwhile.
---```lua
---local ok, why = saker.metric("jobs_waiting", 3)
---if not ok then saker.log("debug", why) end
---```
---@param name string
---@param value? number
---@return number? value
---@return string? why
function saker.metric(name, value) end

--- The family of the system: "UNIX".
---```lua
---assert(saker.uname() == "UNIX")
---```
---@return string name
function saker.uname() end

--- The system: "LINUX".
---```lua
---assert(saker.osname() == "LINUX")
---```
---@return string name
function saker.osname() end

--- The number of a user; without a name that of Saker. Waits for a name.
---```lua
---assert(saker.getuid("root") == 0)
---```
---@param user? string
---@return integer? uid
---@return string? why
function saker.getuid(user) end

--- A figure of the machine, a file system, a process: the keys are those of the
--- command SYSINFO. Lists and objects are JSON. Waits.
---```lua
---local free = assert(saker.sysinfo("system.mem.available", "mb"))
---local load = assert(saker.sysinfo("system.cpu.load.all", "avg5"))
---saker.log("debug", free, load)
---```
---@param key string
---@param ... string|number
---@return number|string|nil value
---@return string? why
function saker.sysinfo(key, ...) end

---@class saker.service
---@field name string
---@field state string
---@field ready boolean?
---@field pid integer
---@field uptime integer milliseconds
---@field restarts integer
---@field reason string?
---@field instances? saker.service[]
---@field status fun(self): saker.service?, string? how it stands now
---@field start fun(self): table?, string?
---@field stop fun(self): table?, string?
---@field restart fun(self): table?, string?
---@field tryrestart fun(self): table?, string?
---@field reload fun(self): table?, string?
---@field signal fun(self, signal: string): table?, string?
---@field scale fun(self, instances: integer): table?, string?
---@field enable fun(self): table?, string?
---@field disable fun(self): table?, string?
---@field reset fun(self): table?, string?
---@field drop fun(self): table?, string?
---@field pause fun(self): table?, string?
---@field cont fun(self): table?, string?
---@field why fun(self): table?, string?

--- All services, or those that a mask names: the rows of SVSTATUS, each with
--- the methods of saker.service. Waits.
---```lua
---for _, service in ipairs(saker.services() or {}) do
---  if service.state == "failed" then service:start() end
---end
---```
---@param mask? string
---@return saker.service[]? services
---@return string? why
function saker.services(mask) end

--- One service and how it stands: the fields are those of its first instance,
--- `instances` has all. A method is the command of that name (SVSTART …); it
--- waits, and answers its rows, or nil and why it did not succeed. Waits.
---```lua
---local web, why = saker.service("web")
---if web then assert(web:restart()) else saker.log("info", why) end
---```
---@param name string
---@return saker.service? service
---@return string? why
function saker.service(name) end

json = {}

--- null in JSON.
json.null = nil

--- A value as JSON, the names of objects sorted. A table with the keys 1 to n
--- is an array, an empty one an object.
---```lua
---assert(json.encode({1, {a = "x"}}) == '[1,{"a":"x"}]')
---```
---@param value any
---@return string? text
---@return string? why
function json.encode(value) end

--- The value of a JSON text; null is json.null.
---```lua
---assert(json.decode('{"a": [1, 2]}').a[2] == 2)
---```
---@param text string
---@return any value
---@return string? why
function json.decode(text) end

--- Marks a table as an array, so that it is one when it is empty, too.
---```lua
---assert(json.encode(json.array()) == "[]")
---```
---@param table? table
---@return table? array
---@return string? why
function json.array(table) end
