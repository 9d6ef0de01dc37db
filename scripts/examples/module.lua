-- Modules for Lua 5.2, written in C: Debian's lua-lpeg and lua-socket. `cpath`
-- in [scripts] says where they are looked for.
local lpeg = require "lpeg"
local mime = require "mime"

local number = lpeg.R "09" ^ 1 / tonumber
local sum = lpeg.Cf(number * ("+" * number) ^ 0, function(x, y)
  return x + y
end) * -1

saker.register("sum", function(args)
  return sum:match(args[1]) or {err = "ERR write numbers and +, as in 1+2+3"}
end, PROP_PASSIVITY, {arity = 2, help = "sum 1+2+3"})

saker.register("base64", function(args)
  return (mime.b64(args[1]))
end, PROP_PASSIVITY, {arity = 2, help = "base64 TEXT"})
