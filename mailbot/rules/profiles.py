"""Which profile a client has, and the tone it begins with; the owner's word for the client comes first."""

from mailbot.model import JSON
from mailbot.rules.conditions import Sink, run_all
from mailbot.rules.language import Profile, Rules
from mailbot.rules.state import Scene, State


def choose_profile(rules: Rules, state: State, sink: Sink) -> Profile:
    """Phase (b): the first that matches; the last one takes every client."""
    chosen = _policy(state, "profile")
    for profile in rules.profiles:
        if profile.id == chosen:
            sink.append((f"profile {profile.id}", True, "owner.policy", profile.line, 0, None))
            return profile
    scene = Scene(state)
    for profile in rules.profiles:
        at = len(sink)
        result = run_all(profile.tests, scene, sink)
        sink.insert(at, (f"profile {profile.id}", result, "", profile.line, 0, None))
        if result:
            return profile
    return rules.profiles[-1]


def base_tone(rules: Rules, state: State, profile: Profile) -> str:
    """The profile's tone, or the owner's for this client: one of the tones, "gentler" or "firmer"."""
    tones, wish = rules.tones, _policy(state, "tone")
    at = tones.index(profile.tone) if profile.tone in tones else 0
    if wish == "gentler":
        return tones[max(at - 1, 0)]
    if wish == "firmer":
        return tones[min(at + 1, len(tones) - 1)]
    return wish if isinstance(wish, str) and wish in tones else profile.tone


def _policy(state: State, key: str) -> JSON:
    events = [e for e in state.named.get("owner.policy", ()) if e.data.get(key)]
    return events[-1].data[key] if events else None
