-- A small store in memory: 16 data bases of keys and values. It is gone when
-- the script is loaded again. Replies: a status, nil, a number, an array.
local databases, chosen = {}, 0

local function current()
  databases[chosen] = databases[chosen] or {}
  return databases[chosen]
end

local function set(args)
  current()[args[1]] = args[2]
  return {ok = "OK"}
end

local function get(args)
  return current()[args[1]]
end

local function keys()
  local out = {}
  for key in pairs(current()) do
    out[#out + 1] = key
  end
  table.sort(out)
  return out
end

local function size()
  return #keys()
end

local function choose(args)
  local number = tonumber(args[1])
  if not number or number < 0 or number > 15 or number % 1 ~= 0 then
    return {err = "ERR the index must be 0 to 15"}
  end
  chosen = number
  return {ok = "OK"}
end

saker.register("db-set", set, PROP_PASSIVITY,
               {arity = 3, help = "db-set KEY VALUE"})
saker.register("db-get", get, PROP_PASSIVITY, {arity = 2, help = "db-get KEY"})
saker.register("db-keys", keys, PROP_PASSIVITY, {arity = 1, help = "db-keys"})
saker.register("db-size", size, PROP_PASSIVITY, {arity = 1, help = "db-size"})
saker.register("db-select", choose, PROP_PASSIVITY,
               {arity = 2, help = "db-select INDEX: for all clients"})
