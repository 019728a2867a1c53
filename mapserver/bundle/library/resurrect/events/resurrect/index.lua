if fight.alive(object) then return end -- something else was quicker
object.components.hp = object.components.maxHp or 100 -- components/hp.lua does the rest
home.bring(object) -- last: it may be on another map
