"""`kinovox.trl` under TRL's own GRPOTrainer: a training of a few steps. Needs trl and torch, some 5 GB; skipped, and said so, where they are not installed."""

import json

import pytest

import kinovox.openenv
import kinovox.trl

for package in ("trl", "torch"):
    pytest.importorskip(package, reason=f"{package} is not installed: a training by TRL was NOT run. pip install trl==1.13.0 torch, and run python/tests/test_trl.py again")

END = "<|im_end|>"
SEEDS = range(4)


def calls_worth_making(url):
    """To the goals of the levels, which a model with random weights would not find; one call that is refused; and one that does nothing."""
    calls = [{"name": "moveTo", "arguments": {"x": -9, "y": 4, "z": 4}}, {"name": "wait", "arguments": {"ticks": 5}}]
    with kinovox.openenv.Client(url) as env:
        for seed in SEEDS:
            goal = env.reset(seed=seed)["observation"]["text"].split("goal 1: at ")[1].split(",")[0]
            x, _, z = (float(word) for word in goal.split())
            calls.append({"name": "moveTo", "arguments": {"x": x, "y": 4, "z": z}})
    return calls


def create_tokenizer(calls):
    """Bytes, and a token for each whole call, so that a model with random weights makes calls that can be read. Returns it and the ids that may be sampled."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast
    from trl.chat_template_utils import qwen3_chat_template

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    bytewise = Tokenizer(models.BPE(vocab={letter: number for number, letter in enumerate(letters)}, merges=[]))
    bytewise.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytewise.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bytewise, eos_token=END, pad_token="<|endoftext|>", chat_template=qwen3_chat_template)
    texts = [f"<tool_call>\n{json.dumps(call)}\n</tool_call>" for call in calls]
    tokenizer.add_tokens(["<|im_start|>", "\n", *texts])
    return tokenizer, [*tokenizer.convert_tokens_to_ids(texts), tokenizer.eos_token_id]


def test_trl_trains_through_the_loop(tmp_path):
    import torch
    from datasets import Dataset
    from transformers import Qwen3Config, Qwen3ForCausalLM
    from trl import GRPOConfig, GRPOTrainer

    torch.manual_seed(0)
    told = []
    with kinovox.openenv.launch("reach-flat-v1", "--max-sessions", "32") as server:
        tokenizer, may_write = create_tokenizer(calls_worth_making(server.url))
        config = Qwen3Config(
            vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1, head_dim=16,
            max_position_embeddings=4096, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id, tie_word_embeddings=False,
        )
        model = Qwen3ForCausalLM(config)
        before = [weights.detach().clone() for weights in model.parameters()]

        class Watched(kinovox.trl.environment_factory(server.url, only=["moveTo", "wait"])):
            def _call(self, name, arguments):
                text = super()._call(name, arguments)
                told.append((name, text, self.get_reward()))
                return text

        trainer = GRPOTrainer(
            model=model,
            processing_class=tokenizer,
            train_dataset=Dataset.from_list([{"prompt": [{"role": "user", "content": "Go to the goal."}], "seed": seed} for seed in SEEDS]),
            environment_factory=Watched,
            args=GRPOConfig(
                output_dir=str(tmp_path), max_steps=3, per_device_train_batch_size=8, num_generations=8, max_completion_length=1500, learning_rate=1e-2,
                max_tool_calling_iterations=3, report_to="none", save_strategy="no", logging_steps=1, use_cpu=True, bf16=False,
                generation_kwargs={"suppress_tokens": [number for number in range(len(tokenizer)) if number not in may_write]},
            ),
        )
        assert {tool.__name__ for tool in trainer.tools} == {"moveTo", "wait"}
        trainer.train()
    logs = [line for line in trainer.state.log_history if "reward" in line]
    assert len(logs) == 3
    assert max(line["reward_std"] for line in logs) > 0, "some episodes must go better than others"
    assert sum(line["tools/call_frequency"] for line in logs) > 0
    assert {name for name, _, _ in told} == {"moveTo", "wait"}
    assert any(reward > 0 for _, _, reward in told) and any("outside" in text for _, text, _ in told)
    assert any(not torch.equal(old, new) for old, new in zip(before, model.parameters(), strict=True))
