// Package native is the native game: it joins the world, its scripts, the wire
// format and the keeper into one game.Game. The rules of entities and events are
// package world's, the frames package wire's; here is what scripts can call, who
// is told what, and what is saved when.
package native
