-- Chooses the backend of a request where there is more than one, and what its endpoint is chosen by. What is to be chosen by
-- ("name=value" with the values as in URLs) is in the memory of the balancer, under "@" and the name of the location.

local balancer = require "balancer"

local endpoints = ngx.shared.endpoints
local longestKey = 500

-- Of this worker: what was read last, and how long endpoints took of late, in seconds.
local known = {}
local averages, averaged = {}, 0
local mostAverages = 10000

local function policyOf(name)
  local text = endpoints:get("@" .. name)
  local entry = known[name]
  if text == nil then
    known[name] = nil
    return nil
  end
  if entry ~= nil and entry.text == text then return entry end
  entry = { text = text }
  for key, value in text:gmatch("(%w+)=(%S*)") do entry[key] = ngx.unescape_uri(value) end
  known[name] = entry
  return entry
end

local function mark(text) return ngx.md5(text):sub(1, 16) end

-- The highest of all endpoints by a hash of the key and the endpoint: of n endpoints, one more takes the nth part from each.
local function byKey(key)
  return function(entry, failed, isResting)
    local best, highest
    for _, peer in ipairs(entry.peers) do
      local rank = ngx.crc32_long(key .. " " .. peer.name .. " " .. key)
      if peer.name ~= failed and not isResting(peer) and (highest == nil or rank > highest) then
        best, highest = peer, rank
      end
    end
    return best
  end
end

local function byMark(wanted)
  return function(entry, failed, isResting)
    for _, peer in ipairs(entry.peers) do
      if peer.name ~= failed and not isResting(peer) and mark(peer.name) == wanted then return peer end
    end
    return byKey(wanted)(entry, failed, isResting)
  end
end

-- Of two, the one that has answered sooner of late; one that was not asked yet comes first.
local function bySpeed(entry, failed, isResting)
  local count = #entry.peers
  local one, other = entry.peers[math.random(count)], entry.peers[math.random(count)]
  local function cost(peer)
    if peer.name == failed or isResting(peer) then return math.huge end
    return averages[peer.name] or 0
  end
  if cost(one) == math.huge and cost(other) == math.huge then return nil end
  return cost(one) <= cost(other) and one or other
end

local function isCanary(policy)
  if policy.header then
    local value = ngx.var["http_" .. policy.header]
    if value then
      if policy.value then
        if value == policy.value then return true end
      elseif policy.pattern then
        if ngx.re.find(value, policy.pattern, "o") then return true end
      elseif value == "always" then return true
      elseif value == "never" then return false
      end
    end
  end
  if policy.canarycookie then
    local value = ngx.var["cookie_" .. policy.canarycookie]
    if value == "always" then return true end
    if value == "never" then return false end
  end
  local total = math.max(tonumber(policy.total) or 100, 1)
  return math.random(total) <= (tonumber(policy.weight) or 0)
end

local function newKey()
  return mark(table.concat({ ngx.now(), ngx.worker.pid(), ngx.var.connection, math.random() }, " "))
end

-- A cookie holds what chooses the endpoint, and the mark of the backend that it was chosen for.
local function stick(policy, value, backend, ctx)
  local entry = balancer.peersOf(backend)
  local key, of = (value or ""):match("^(%x+)|(%x+)$")
  local isKept = of == mark(backend)
  if policy.mode == "persistent" and entry then
    local peer
    for _, one in ipairs(entry.peers) do
      if isKept and mark(one.name) == key then peer = one end
    end
    isKept = peer ~= nil
    peer = peer or byKey(newKey())(entry, nil, balancer.isResting) or entry.peers[1]
    key = mark(peer.name)
    ctx.prefer = byMark(key)
  else
    if not isKept then key = newKey() end
    ctx.prefer = byKey(key)
  end
  if not isKept then ctx.cookie = key .. "|" .. mark(backend) end
end

local module = {}

-- Before a request goes on: sets the variable that holds the backend, whose endpoint must be there.
function module.route(name, variable, hashVariable)
  local policy = policyOf(name)
  if policy == nil then return end
  local ctx = ngx.ctx
  local backend = policy.of
  local value = policy.cookie and ngx.var["cookie_" .. policy.cookie]
  local stuck = policy.sticky and value and value:match("|(%x+)$")
  if policy.canary and balancer.peersOf(policy.canary) then
    local isHere = stuck == mark(policy.canary)
    if isHere or (stuck ~= mark(backend) and isCanary(policy)) then backend = policy.canary end
  end
  if policy.fallback and not balancer.peersOf(backend) then backend = policy.fallback end
  ngx.var[variable] = backend
  ctx.policy = policy
  if policy.cookie then
    ctx.backend = backend
    stick(policy, value, backend, ctx)
  elseif policy.hash then
    ctx.prefer = byKey((ngx.var[hashVariable] or ""):sub(1, longestKey))
  elseif policy.balance == "ewma" then
    ctx.prefer = bySpeed
  end
end

-- Refuses a request whose backend has no endpoints.
function module.demand(variable)
  if balancer.peersOf(ngx.var[variable]) == nil then return ngx.exit(503) end
end

local function attributes(policy)
  local parts = { "; Path=", policy.path or "/" }
  local function add(...)
    for _, part in ipairs({ ... }) do parts[#parts + 1] = part end
  end
  if policy.domain then add("; Domain=", policy.domain) end
  if policy.expires then add("; Expires=", ngx.cookie_time(ngx.time() + tonumber(policy.expires))) end
  if policy.maxage then add("; Max-Age=", policy.maxage) end
  if policy.secure == "true" or (policy.secure == nil and ngx.var.scheme == "https") then add("; Secure") end
  add("; HttpOnly")
  if policy.samesite then add("; SameSite=", policy.samesite) end
  return table.concat(parts)
end

-- Gives the answer the cookie by which the client comes back to its endpoint.
function module.answer()
  local ctx = ngx.ctx
  local policy = ctx.policy
  if policy == nil or policy.cookie == nil then return end
  if ctx.hasFailed and policy.change then ctx.cookie = newKey() .. "|" .. mark(ctx.backend) end
  if ctx.cookie == nil then return end
  local own = policy.cookie .. "=" .. ctx.cookie .. attributes(policy)
  local others = ngx.header["Set-Cookie"]
  if others == nil then
    ngx.header["Set-Cookie"] = own
  elseif type(others) == "table" then
    others[#others + 1] = own
    ngx.header["Set-Cookie"] = others
  else
    ngx.header["Set-Cookie"] = { others, own }
  end
end

-- When a request is over: notes how long its endpoint took.
function module.note()
  local policy = ngx.ctx.policy
  if policy == nil or policy.balance ~= "ewma" then return end
  local name = (ngx.var.upstream_addr or ""):match("([^ ,]+)$")
  local took = tonumber((ngx.var.upstream_response_time or ""):match("([%d.]+)$"))
  if name == nil or took == nil then return end
  if averages[name] == nil then
    -- Endpoints come and go for as long as the worker lives: beyond so many, what was noted of all is forgotten.
    if averaged >= mostAverages then averages, averaged = {}, 0 end
    averaged = averaged + 1
  end
  averages[name] = (averages[name] or took) * 0.8 + took * 0.2
end

return module
