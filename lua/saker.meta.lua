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

--- Runs a command of Saker. A status is `{ok=text}`, an error nil and its text,
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
--- and the answer is nil and a message. Waits.
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
