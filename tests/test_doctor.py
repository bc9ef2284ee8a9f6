"""Every check keeps the contract; each is silent on a healthy run's figures and speaks up when one figure is ill."""

import json

import pytest

from ganvas.doctor import SEVERITIES, Evidence, diagnose
from ganvas.doctor import checks as checks_module
from ganvas.names import choices
from ganvas.recipe import Recipe, parse_overrides
from ganvas.recipes import every, find

HEALTHY_VITALS = {
    "spread": 0.97, "twins": 0.02, "midtones_real": 0.45, "midtones_fake": 0.44, "dead_pixels": 0.0,
    "checkerboard_real": 0.9, "checkerboard_fake": 1.1, "logit_train": 0.6, "logit_held_out": 0.55,
    "logit_fake": -0.9, "real_shares": [0.5, 0.5], "shares": [0.45, 0.55],
}  # fmt: skip


def evidence(
    recipe=None, vitals=None, log=None, data=None, networks=None, distances=(900, 400, 200, 120, 100, 98), **scores
):
    recipe = recipe or find("plain").but(steps=1000)
    steps = [round(recipe.steps * i / max(1, len(distances) - 1)) for i in range(len(distances))]
    usual = {
        "accuracy_real": 0.75,
        "accuracy_fake": 0.76,
        "discriminator_cost": 1.2,
        "generator_cost": 1.0,
    }
    lines = []
    for step, distance in zip(steps, distances, strict=True):
        frechet = {"value": distance, "interval": [0.99 * distance, 1.01 * distance]}
        line = {"step": step, "frechet": frechet, "recall": {"value": 0.5}}
        line["memorisation"] = {"value": 0.01, "interval": [0.005, 0.02]}
        lines.append(line | {"vitals": {**HEALTHY_VITALS, **(vitals or {})}} | scores)
    facts = {
        "count": 60_000,
        "duplicates": 0,
        "shape": [28, 28, 1],
        "classes": ["shoe", "bag"],
        "class_counts": [30_000] * 2,
    }
    environment = {
        "data": facts | (data or {}),
        "networks": networks or {"generator": {"layers": {"BatchNormalization": 3}}},
    }
    return Evidence(recipe, environment, [{"step": s, **usual, **(log or {})} for s in steps[1:]], lines)


def test_a_healthy_run_has_no_finding():
    assert diagnose(evidence()) == []


@pytest.mark.parametrize("name", [name for name, _ in every()])
def test_the_settings_of_no_recipe_are_ill(name):
    recipe = find(name)
    environment = evidence(networks={"generator": {"layers": {}}}).environment
    found = diagnose(Evidence(recipe, environment, [], []))
    assert [finding.name for finding in found if finding.name != "not_scored"] == []


def test_where_there_is_no_discriminator_none_is_spoken_of():
    recipe = find("autoencoder").but(steps=1000)
    ill = evidence(recipe=recipe, data={"count": 50}, distances=(900, 100, 300, 100, 300, 100, 300))
    found = {finding.name: finding for finding in diagnose(ill)}
    assert "small_data" not in found
    assert found["oscillating"].remedy.settings == {"ema": 0.999}


def test_a_critic_that_keeps_its_logits_apart_is_not_ill():
    apart = ILL["discriminator_winning"]
    for name in ("wgan_gp", "r3gan"):
        found = {finding.name for finding in diagnose(evidence(**apart | {"recipe": find(name).but(steps=1000)}))}
        assert "discriminator_winning" not in found


PLAIN = find("plain").but(steps=1000)
ILL = {
    "rates_too_high": {"recipe": PLAIN.but(generator_rate=0.05)},
    "rates_apart": {"recipe": PLAIN.but(discriminator_rate=1e-6)},
    "small_batch": {"recipe": PLAIN.but(batch=2)},
    "duplicate_data": {"data": {"duplicates": 50_000}},
    "small_data": {"data": {"count": 60}},
    "unbalanced_data": {"data": {"class_counts": [50_000, 500]}},
    "diverged": {"log": {"generator_cost": 1e6}},
    "generator_winning": {
        "log": {"accuracy_real": 0.5, "accuracy_fake": 0.5},
        "vitals": {"logit_fake": 0.6},
        "distances": (900, 890, 880),
    },
    "discriminator_winning": {
        "log": {"accuracy_real": 1.0, "accuracy_fake": 1.0},
        "vitals": {"logit_train": 9.0, "logit_held_out": 9.0},
    },
    "mode_collapse": {"vitals": {"spread": 0.4, "twins": 0.9}, "recall": {"value": 0.0}},
    "identical_samples": {"vitals": {"spread": 0.01, "twins": 1.0, "dead_pixels": 1.0}},
    "class_collapse": {"vitals": {"class_spreads": [0.1, 0.9]}},
    "classes_missing": {"vitals": {"shares": [0.99, 0.01]}},
    "memorised": {"memorisation": {"value": 0.5, "interval": [0.45, 0.55]}},
    "discriminator_overfit": {"vitals": {"logit_held_out": -0.8}},
    "saturated_pixels": {"vitals": {"midtones_fake": 0.01}},
    "dead_pixels": {"vitals": {"dead_pixels": 0.5}},
    "checkerboard": {"vitals": {"checkerboard_fake": 40.0}},
    "no_progress": {"distances": (900, 880, 870, 860)},
    "oscillating": {"distances": (900, 400, 100, 300, 90, 280, 100, 310, 95, 300)},
    "worse_than_best": {"distances": (900, 100, 150, 220, 300)},
    "unfinished": {"distances": (900, 600, 400, 250)},
    "not_scored": {"distances": (900,)},
    "cured": {},
}


def test_every_check_is_tried():
    assert set(ILL) == set(choices(checks_module))


@pytest.mark.parametrize("name", ILL)
def test_a_check_speaks_up_when_its_figure_is_ill(name):
    ill = evidence(**ILL[name])
    if name == "cured":
        cure = {"step": 4, "back_to": 0, "finding": "diverged", "sentence": "", "words": "batch=64"}
        ill = Evidence(ill.recipe, ill.environment, ill.log, ill.scores, [cure])
    found = {finding.name: finding for finding in diagnose(ill)}
    assert name in found
    finding = found[name]
    assert finding.severity in SEVERITIES
    assert finding.sentence.endswith(".")
    assert finding.evidence
    assert set(finding.plain()) == {"name", "severity", "evidence", "sentence", "remedy"}
    json.dumps(finding.plain())
    if finding.remedy:
        ill.recipe.but(**finding.remedy.settings).check()  # what is proposed can be set
        ill.recipe.but(**parse_overrides(finding.remedy.words().split())).check()  # and typed
        assert finding.remedy.reason


@pytest.mark.parametrize("name", choices(checks_module))
def test_no_check_minds_missing_evidence(name):
    check = getattr(checks_module, name)
    for empty in (Evidence(Recipe(), {}, [], []), Evidence(Recipe(), {}, [{"step": 5}], [{"step": 5}])):
        assert check(empty) is None or check(empty).severity in SEVERITIES


def test_players_without_a_rate_of_their_own_are_no_trouble():
    log = [{"step": step, "reader_cost": 1.0, "generator_cost": 1.0} for step in (10, 20)]
    assert checks_module._rates(Evidence(Recipe(), {}, log, [])) == {"generator_rate": Recipe().generator_rate}
    log = [{"step": 9_000 + i, "reader_cost": 1.0, "accuracy_real": 1.0, "accuracy_fake": 1.0} for i in range(9)]
    scores = [{"step": 9_000, "vitals": {"logit_train": 9.0, "logit_fake": -9.0}}]
    for name in choices(checks_module):
        getattr(checks_module, name)(Evidence(Recipe(), {}, log, scores))


def test_batch_norm_is_seen_in_every_layer_that_has_it():
    fused = evidence(recipe=PLAIN.but(batch=2), networks={"generator": {"layers": {"FusedBatchNormalization": 1}}})
    assert "small_batch" in {finding.name for finding in diagnose(fused)}


def test_augmentation_that_adapts_is_made_constant_for_who_overfits():
    adaptive = PLAIN.but(augment="colour,translate,cutout", adapt=0.6)
    found = {f.name: f for f in diagnose(evidence(recipe=adaptive, vitals={"logit_held_out": -0.8}))}
    assert found["discriminator_overfit"].remedy.settings == {"adapt": 0.0}


def test_a_discriminator_at_a_coin_is_no_illness_where_images_have_other_costs():
    ill = ILL["generator_winning"]
    assert "generator_winning" in {finding.name for finding in diagnose(evidence(**ill))}
    wrong = {**ill, "log": {"accuracy_real": 0.3, "accuracy_fake": 0.2}}  # worse than a coin teaches no more
    assert "generator_winning" in {finding.name for finding in diagnose(evidence(**wrong))}
    paired = evidence(recipe=find("pix2pix").but(steps=1000), **ill)
    assert "generator_winning" not in {finding.name for finding in diagnose(paired)}


def test_remedies_for_rates_agree():
    ill = {**ILL["discriminator_winning"], "recipe": PLAIN.but(generator_rate=5e-4, discriminator_rate=5e-3)}
    found = {f.name: f for f in diagnose(evidence(**ill))}
    assert found["rates_apart"].remedy.settings["generator_rate"] == 1e-3  # ten to one is apart
    assert found["discriminator_winning"].remedy.settings["generator_rate"] == 1e-3


def test_a_run_that_is_far_too_short_says_so():
    found = {finding.name: finding for finding in diagnose(evidence(distances=(932, 446)))}
    assert "48% of an untrained network's distance" in found["unfinished"].sentence
    assert "unfinished" not in {finding.name for finding in diagnose(evidence(distances=(932, 130)))}


def test_the_most_severe_comes_first():
    found = diagnose(evidence(recipe=PLAIN.but(batch=8), vitals={"spread": 0.4}))
    severities = [SEVERITIES.index(finding.severity) for finding in found]
    assert severities == sorted(severities)
    assert found[0].name == "mode_collapse"


def test_a_remedy_is_told_as_it_is_typed():
    found = diagnose(evidence(data={"count": 300}))
    assert found[0].remedy.words() == "augment=colour,translate,cutout"


def test_scores_that_move_within_their_intervals_are_no_oscillation():
    still = evidence(distances=(9e-1, 9e-4, 4e-4, 9e-4, 3e-4, 8e-4, 4e-4, 9e-4, 3e-4))
    for line in still.scores:
        line["frechet"]["interval"] = [0.0, 2e-3]
    assert diagnose(still) == []


def test_a_cost_that_was_no_number_is_named_even_before_the_first_log_line():
    broken = Evidence(PLAIN, {}, [], [], (), [{"step": 0, "rates": 1.0}])
    assert diagnose(broken)[0].name == "diverged"
