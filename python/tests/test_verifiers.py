"""The verifiers environment: its talk with a team without the package, and with the real package and a model over HTTP where they are installed."""

import asyncio
import json
import re
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import kinovox.openenv
import pytest
from kinovox._team_talk import MOST_USELESS, TeamTalk, parse_call, role_names

WAIT = json.dumps({"name": "wait", "arguments": {"ticks": 5}})


@pytest.mark.parametrize(
    ("reply", "call"),
    [
        (WAIT, ("wait", {"ticks": 5})),
        (f" ```json\n{WAIT}\n```\n", ("wait", {"ticks": 5})),
        ('{"name": "continue"}', ("continue", {})),
    ],
)
def test_a_reply_is_a_call(reply, call):
    assert parse_call(reply) == call


@pytest.mark.parametrize("reply", ["", "I go.", "[" * 100_000, "[]", '{"name": 5}', '{"name": "wait", "arguments": "5"}', '{"name": "wait", "why": 1}'])
def test_a_reply_that_is_no_call_gets_a_sentence(reply):
    with pytest.raises(ValueError, match="^A reply must .*[.]$") as caught:
        parse_call(reply)
    assert len(str(caught.value)) < 300


def test_a_team_talks_with_a_world():
    with kinovox.openenv.launch("plates-and-door-v1", "--max-sessions", "2") as server, kinovox.openenv.Client(server.url) as client:
        talk = TeamTalk(client)
        texts = talk.begin(seed=3)
        assert set(texts) == {"ada", "bob"} and all(f"You are {agent}" in text for agent, text in texts.items())
        assert '"name": "moveTo"' in talk.guide()
        # What is no call costs its agent no time and the other nothing.
        texts = talk.step({"ada": "I go.", "bob": WAIT})
        assert talk.ticks == 5 and talk.useless == {"ada": 1, "bob": 0}
        assert texts["ada"].startswith("A reply must be one JSON object such as") and "A reply" not in texts["bob"]
        # What came of a call is told once: not again beside the error of the reply after it.
        assert "wait: You waited" in talk.step({"ada": WAIT, "bob": WAIT})["ada"]
        texts = talk.step({"ada": "I go.", "bob": WAIT})
        assert texts["ada"].startswith("A reply must be") and "wait:" not in texts["ada"] and talk.ticks == 15
        assert "Did you mean" in talk.step({"ada": '{"name": "moveTO"}', "bob": WAIT})["ada"]
        for _ in range(MOST_USELESS):
            texts = talk.step({"ada": "", "bob": WAIT})
        assert talk.has_left("ada") and set(texts) == {"bob"} and not talk.over
        talk.leave("bob")
        assert talk.over and talk.step({}) == {}
        assert set(talk.begin(seed=3)) == {"ada", "bob"} and talk.useless == {"ada": 0, "bob": 0} and not talk.over


def test_agents_have_roles_of_their_own_names():
    assert role_names(["ada", "bot-0", "bot_0"]) == {"ada": "player_ada", "bot-0": "player_bot_0", "bot_0": "player_bot_0_"}
    assert all(name.isidentifier() for name in role_names(["0", "a b", "class"]).values())


def test_an_agent_alone_is_rewarded_and_the_talk_ends():
    with kinovox.openenv.launch("reach-flat-v1", "--max-sessions", "2") as server, kinovox.openenv.Client(server.url) as client:
        talk = TeamTalk(client)
        text = talk.begin(seed=3)["ada"]
        assert talk.step({"ada": _to_goal(text)}) == {}
        assert talk.over and talk.rewards["ada"] > 0 and talk.ticks > 20


def _to_goal(text):
    x, y, z = (float(word) for word in re.search(r"goal 1: at (\S+) (\S+) ([^,]+),", text).groups())
    return json.dumps({"name": "moveTo", "arguments": {"x": x, "y": y - 1, "z": z}})


class _Model(BaseHTTPRequestHandler):
    """Chat completions, streamed: whoever has a goal on open ground goes there."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        told = "\n".join(str(message["content"]) for message in body["messages"])
        self.server.seen.append(told)
        self.server.models.append((body["model"], "ada" if "You are ada" in told else "bob"))
        about = {"id": "a", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        parts = [
            {"choices": [{"index": 0, "delta": {"role": "assistant", "content": _to_goal(told)}, "finish_reason": None}]},
            {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
            {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}},
        ]
        data = "".join(f"data: {json.dumps({**about, **part})}\n\n" for part in parts) + "data: [DONE]\n\n"
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data.encode())

    def log_message(self, *_):
        pass


def test_real_verifiers_plays_episodes_with_a_trace_per_agent(monkeypatch):
    vf = pytest.importorskip("verifiers.v1", reason="the package verifiers is not installed: its environment was NOT run")
    if shutil.which("uv") is None:
        pytest.skip("uv is not installed, by which verifiers runs its harness: its environment was NOT run")
    import kinovox.verifiers

    model = ThreadingHTTPServer(("127.0.0.1", 0), _Model)
    model.seen = []
    model.models = []
    threading.Thread(target=model.serve_forever, daemon=True).start()
    monkeypatch.setenv("KINOVOX_TEST_KEY", "none")
    client = vf.EvalClientConfig(base_url=f"http://127.0.0.1:{model.server_port}/v1", api_key_var="KINOVOX_TEST_KEY")

    async def play(scenario, **settings):
        with kinovox.openenv.launch(scenario, "--max-sessions", "4") as server:
            env = kinovox.verifiers.load_environment(server.url, **settings)
            async with env.serving():
                return [await env.run_episode(task, vf.ModelContext(model="m", client=client)) for task in env.taskset]

    try:
        alone, other = asyncio.run(play("reach-flat-v1", seeds=[3, 4], player={"max_turns": 4}))
        assert alone.ok and other.ok and len(model.seen) >= 2
        (trace,) = alone.traces
        assert trace.task.data.agent == "ada" and trace.rewards["kinovox"].score > 0 and trace.num_turns == 1
        (team,) = asyncio.run(play("plates-and-door-v1", seeds=[3], player={"max_turns": 2}))
        assert team.ok and sorted(trace.task.data.agent for trace in team.traces) == ["ada", "bob"]
        # Each has a conversation of its own, and its own limit ends it.
        assert [(trace.num_turns, trace.stop_condition) for trace in team.traces] == [(2, "max_turns")] * 2
        assert all(("You are ada" in told) != ("You are bob" in told) for told in model.seen[-4:])
        # Models that differ by agent: bob's own, by a server of its own, and not trained on.
        other = ThreadingHTTPServer(("127.0.0.1", 0), _Model)
        other.seen, other.models = [], []
        threading.Thread(target=other.serve_forever, daemon=True).start()
        del model.models[:]
        try:
            bob = {
                "model": "adapter-of-bob",
                "client": {"type": "eval", "base_url": f"http://127.0.0.1:{other.server_port}/v1", "api_key_var": "KINOVOX_TEST_KEY"},
            }
            (mixed,) = asyncio.run(play("plates-and-door-v1", seeds=[3], player={"max_turns": 2}, players={"bob": bob}, frozen=["bob"]))
        finally:
            other.shutdown()
        assert mixed.ok and model.models == [("m", "ada")] * 2 and other.models == [("adapter-of-bob", "bob")] * 2
        assert {trace.task.data.agent: (trace.agent.trainable, trace.num_turns) for trace in mixed.traces} == {"ada": (True, 2), "bob": (False, 2)}
        (wrong,) = asyncio.run(play("plates-and-door-v1", seeds=[3], player={"max_turns": 2}, players={"eve": {}}))
        assert not wrong.ok and 'got "eve"' in wrong.errors[0].message
    finally:
        model.shutdown()
