-- Chooses the endpoint for each request. Endpoints are in memory that all workers share, by backend, as
-- "address:port address:port"; they are replaced over the control socket while requests go on.

local balancer = require "ngx.balancer"

local endpoints = ngx.shared.endpoints
local workers = ngx.shared.workers
local attempts = 3
local restSeconds = 10

-- Of this worker: what was read last for each backend, and until when an endpoint that failed is not asked.
local known = {}
local resting = {}

local module = {}

local function peersOf(backend)
  local text = endpoints:get(backend)
  local entry = known[backend]
  if text == nil then
    known[backend] = nil
    return nil
  end
  -- Equal strings are one object in Lua, so this compares no characters.
  if entry ~= nil and entry.text == text then return entry end
  local peers = {}
  for name, host, port in text:gmatch("(([^ ]+):(%d+))") do
    peers[#peers + 1] = { name = name, host = host, port = tonumber(port) }
  end
  -- Workers begin at different endpoints.
  entry = { text = text, peers = peers, turn = entry and entry.turn or ngx.worker.pid() }
  known[backend] = entry
  return entry
end

local function isResting(peer)
  local untilWhen = resting[peer.name]
  if untilWhen == nil then return false end
  if ngx.now() < untilWhen then return true end
  resting[peer.name] = nil
  return false
end

-- The next one in turn that has not just failed; where all have, the next one.
local function nextPeer(entry, failed)
  local peers = entry.peers
  local count = #peers
  for step = 1, count do
    local peer = peers[(entry.turn + step) % count + 1]
    if peer.name ~= failed and not isResting(peer) then
      entry.turn = entry.turn + step
      return peer
    end
  end
  entry.turn = entry.turn + 1
  return peers[entry.turn % count + 1]
end

module.peersOf = peersOf
module.isResting = isResting

-- The file is read when nginx starts, not when it reloads: then the memory is what it was.
function module.begin(file)
  if endpoints:get("begun") then return end
  endpoints:set("begun", true)
  local input = io.open(file)
  if input == nil then return end
  for line in input:lines() do
    local backend, text = line:match("^(%S+) (.+)$")
    if backend ~= nil then endpoints:safe_set(backend, text) end
  end
  input:close()
end

-- Called as a worker begins: notes by which configuration it accepts connections, until it accepts no more. nginx ends
-- timers that wait when it has closed the sockets that a worker listens on; nothing else tells of that moment.
function module.enter(generation)
  local pid = ngx.worker.pid()
  workers:set(pid, generation)
  local ok, problem = ngx.timer.at(100 * 365 * 86400, function(isEarly)
    if isEarly then workers:delete(pid) end
  end)
  if not ok then ngx.log(ngx.ERR, "cannot tell when this worker is over: ", problem) end
end

-- How many workers this configuration has, then a line of "pid generation" for each that accepts connections; one that was
-- killed is among them still.
function module.answerWorkers()
  ngx.say(ngx.worker.count())
  for _, pid in ipairs(workers:get_keys(0)) do ngx.say(pid, " ", workers:get(pid)) end
end

-- The endpoint of the attempt before; nginx lists all that there were, and the one to come as nothing.
local function lastEndpoint()
  local last
  for name in (ngx.var.upstream_addr or ""):gmatch("[^ ,]+") do last = name end
  return last
end

-- Called for each attempt, without a coroutine; so it is short, and keeps nothing for each request, unless it `chooses` by
-- what traffic.lua has noted of it. `variable` has the name of the backend. `nobody`: the socket of a server of our own that answers 503, over TLS where endpoints are asked so.
function module.choose(variable, nobody, chooses)
  local backend = ngx.var[variable]
  local entry = backend and peersOf(backend)
  if entry == nil then return balancer.set_current_peer(nobody) end
  local failed
  local failure = balancer.get_last_failure()
  if failure == nil then
    balancer.set_more_tries(attempts - 1)
  else
    failed = lastEndpoint()
    if failed and failure == "failed" then resting[failed] = ngx.now() + restSeconds end
  end
  local peer
  if chooses then
    local ctx = ngx.ctx
    if failed then ctx.hasFailed = true end
    if ctx.prefer then peer = ctx.prefer(entry, failed, isResting) end
  end
  peer = peer or nextPeer(entry, failed)
  local ok, problem = balancer.set_current_peer(peer.host, peer.port)
  if not ok then ngx.log(ngx.ERR, "cannot use endpoint ", peer.name, ": ", problem) end
end

-- Lines of "backend endpoints": PATCH changes those that it names (no endpoints: forgets the backend), PUT all.
function module.receive()
  ngx.req.read_body()
  local named = {}
  for line in (ngx.req.get_body_data() or ""):gmatch("[^\n]+") do
    local backend, text = line:match("^(%S+) ?(.*)$")
    named[backend] = true
    local ok, problem = true, nil
    if text == "" then endpoints:delete(backend) else ok, problem = endpoints:safe_set(backend, text) end
    if not ok then
      ngx.status = 507
      ngx.say(problem)
      return
    end
  end
  if ngx.req.get_method() == "PUT" then
    for _, backend in ipairs(endpoints:get_keys(0)) do
      if backend ~= "begun" and not named[backend] then endpoints:delete(backend) end
    end
  end
  ngx.say("taken")
end

return module
