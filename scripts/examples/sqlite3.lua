-- A data base in memory, by Debian's lua-sql-sqlite3. One that lies on a disk
-- would make all tasks of this script wait for it.
local driver = require "luasql.sqlite3"
local db = assert(driver.sqlite3():connect(":memory:"))
assert(db:execute "CREATE TABLE ticks (at INTEGER)")

saker.every("1s", function()
  assert(db:execute("INSERT INTO ticks VALUES (" .. os.time() .. ")"))
end)

saker.register("sqlite-count", function()
  local rows = assert(db:execute "SELECT count(*) FROM ticks")
  local count = tonumber((rows:fetch()))
  rows:close()
  return count
end, PROP_PASSIVITY, {help = "sqlite-count: how many seconds are stored"})
