package gamelift

import (
	"github.com/overworld-gg/overworld/mapserver/script"
	"github.com/overworld-gg/overworld/mapserver/value"
)

// functions are what the shim asks of the relay.
func (g *Game) functions() []*script.Function {
	number := func(name string) script.Param { return script.Param{Name: name, Type: "number"} }
	return []*script.Function{
		{
			Name: "send", Doc: "Sends a message to a player, or to a group if player is 0.",
			Params: []script.Param{
				number("opCode"), number("sender"), {Name: "payload", Type: "any"}, number("player"), number("group"), {Name: "reliable", Type: "boolean"},
			},
			Call: func(_ script.Object, a []value.Value) (value.Value, error) {
				payload, _ := a[2].Ref().(script.Bytes)
				k := &packet{
					opCode: int32(a[0].Num()), sender: int32(a[1].Num()), payload: payload,
					targetPlayer: int32(a[3].Num()), targetGroup: int32(a[4].Num()), reliable: a[5].Bool(),
				}
				g.sendFromScript(k)
				return value.Null, nil
			},
		},
		{
			Name: "broadcastMembership", Doc: "Tells the members of the group target who is in group.",
			Params: []script.Param{number("group"), number("target")},
			Call: func(_ script.Object, a []value.Value) (value.Value, error) {
				g.sendGroup(&packet{
					opCode: opGroupMembershipUpdate, sender: serverID, targetGroup: int32(a[1].Num()), reliable: true,
					membership: g.membership(int32(a[0].Num())),
				}, 0)
				return value.Null, nil
			},
		},
		{
			Name: "gameSessionId", Doc: "Returns the id of the game session.",
			Call: func(script.Object, []value.Value) (value.Value, error) {
				return value.FromString(g.config.SessionID), nil
			},
		},
		{
			Name: "ending", Doc: "Notes that the script is about to end the game session.",
			Call: func(script.Object, []value.Value) (value.Value, error) {
				g.config.Log.Info("the script ends the game session")
				return value.Null, nil
			},
		},
	}
}

// sendFromScript sends to a player or a group; who is not there gets nothing.
func (g *Game) sendFromScript(k *packet) {
	if k.targetGroup != 0 {
		g.sendGroup(k, 0)
		return
	}
	if to := g.peers[k.targetPlayer]; to != nil && to.player {
		g.send(to, k)
	}
}
