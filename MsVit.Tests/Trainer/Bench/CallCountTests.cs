using MsVit.MLNet;
using MsVit.Trainer.Bench;
using static TorchSharp.torch;

namespace MsVit.Tests.Trainer.Bench;

public sealed class CallCountTests
{
    // The budget: calls into torch, and launches, of each kind of layer on a GPU, forward and backward. Lower a number when you save
    // calls; a higher one needs a reason in the commit. docs/performance.md has the same table.
    private static readonly Dictionary<string, (int Calls, int Launches)> Training = new()
    {
        ["MLP"] = (96, 54),
        ["accumulation"] = (61, 8),
        ["average"] = (8, 8),
        ["clipping"] = (15, 22),
        ["embedding"] = (76, 54),
        ["finiteness"] = (26, 29),
        ["gradients"] = (2, 2),
        ["head"] = (20, 10),
        ["input"] = (15, 5),
        ["loss"] = (15, 24),
        ["optimizer"] = (9, 9),
        ["self-attention"] = (180, 92),
        ["statistics"] = (7, 7),
        ["stem"] = (42, 31),
        ["sums"] = (26, 22),
        ["token attention"] = (138, 80),
    };

    private static readonly Dictionary<string, (int Calls, int Launches)> Scoring = new()
    {
        ["MLP"] = (32, 16),
        ["embedding"] = (26, 18),
        ["head"] = (5, 5),
        ["input"] = (10, 4),
        ["read"] = (2, 1),
        ["self-attention"] = (52, 32),
        ["stem"] = (13, 8),
        ["token attention"] = (40, 28),
    };

    [NeedsOperatorsFact]
    public void A_training_step_makes_no_more_calls_than_its_budget() =>
        AssertBudget(Training, CallsBenchmark.Training(Cifar(CallsBenchmark.CifarSize), CPU));

    [NeedsOperatorsFact]
    public void Scoring_makes_no_more_calls_than_its_budget() =>
        AssertBudget(Scoring, CallsBenchmark.Scoring(Cifar(CallsBenchmark.CifarSize), CPU));

    [NeedsOperatorsFact]
    public void Scoring_in_bfloat16_adds_only_conversions_of_the_first_spikes_and_in_attention()
    {
        var (narrow, wide) = (
            CallsBenchmark.Scoring(Cifar(CallsBenchmark.CifarSize), CPU, Precision.BFloat16),
            CallsBenchmark.Scoring(Cifar(CallsBenchmark.CifarSize), CPU));
        // Two blocks have token attention, two self-attention. One converts its mask. The other converts q as it copies it, which takes an
        // empty tensor, a copy and a view in place of one call, and the product of k and v.
        Assert.Equal(
            ["self-attention aten::copy_ 2", "self-attention aten::empty 2", "self-attention aten::reshape -2", "self-attention aten::to 2",
                "self-attention aten::view 2", "stem aten::to 1", "token attention aten::to 2"],
            narrow.Operators.Keys.Union(wide.Operators.Keys)
                .Select(key => (Key: key, More: narrow.Operators.GetValueOrDefault(key) - wide.Operators.GetValueOrDefault(key)))
                .Where(item => item.More != 0).Select(item => $"{item.Key.Part} {item.Key.Operator} {item.More}")
                .Order(StringComparer.Ordinal));
    }

    [NeedsOperatorsFact]
    public void The_calls_do_not_depend_on_the_size_of_the_images() => Assert.Equal(
        CallsBenchmark.Training(Cifar(16), CPU).Operators.OrderBy(item => item.Key),
        CallsBenchmark.Training(Cifar(24), CPU).Operators.OrderBy(item => item.Key));

    [NeedsOperatorsFact]
    public void Operators_of_the_backward_pass_count_for_the_part_that_made_their_nodes()
    {
        using var scope = NewDisposeScope();
        var calls = new CallCount();
        var x = ones(2).requires_grad_();
        calls.Of(() =>
        {
            calls.Begin("first");
            var y = x.mul(x);
            calls.Begin("second");
            var z = y.sigmoid().sum();
            calls.Begin("third");
            z.backward();
        });
        // Of a product of x with itself, the backward pass is two products and their sum.
        Assert.Equal(3, calls.Operators[("first", "aten::mul")]);
        Assert.Equal(1, calls.Operators[("second", "aten::sigmoid")]);
        Assert.Equal(1, calls.Operators[("second", "aten::sigmoid_backward")]);
        Assert.DoesNotContain(("first", "aten::sigmoid_backward"), calls.Operators.Keys);
    }

    [NeedsOperatorsFact]
    public void An_operator_within_another_is_no_call_and_views_are_no_launches()
    {
        using var scope = NewDisposeScope();
        var calls = new CallCount();
        var x = ones(2, 2);
        // The mean of a CPU is a sum and a division.
        calls.Of(() => x.view(4).unsqueeze(0).add(x.mean(), SharedScalars.One));
        var (total, launches) = calls.Total;
        Assert.Equal(4, total);
        Assert.InRange(launches, 2, 3);
    }

    [NeedsOperatorsFact]
    public void Nothing_is_counted_after_the_work()
    {
        using var scope = NewDisposeScope();
        var calls = new CallCount();
        calls.Of(static () => ones(1));
        var before = calls.Total;
        _ = ones(1).neg();
        Assert.Equal(before, calls.Total);
    }

    private static MsVitConfig Cifar(int size) => MsVitConfig.Preset("cifar10-4-384") with { Height = size, Width = size };

    private static void AssertBudget(Dictionary<string, (int Calls, int Launches)> budget, CallCount counted)
    {
        // oneDNN's AVX kernels copy what the others, and those of a GPU, take as it is.
        var copies = OneDnnKernels.AreLimited;
        Assert.Equal(
            budget.Select(part => Line(part.Key, part.Value.Calls, part.Value.Launches)).Order(),
            counted.Parts.Select(part => Line(part.Key, part.Value.Calls, part.Value.Launches)).Order());

        string Line(string part, int calls, int launches) => copies ? $"{part}: {calls}" : $"{part}: {calls}, {launches}";
    }
}

/// <summary>A test that observes torch's operators, which works on Linux for x64.</summary>
public sealed class NeedsOperatorsFactAttribute : FactAttribute
{
    public NeedsOperatorsFactAttribute()
    {
        if (!TorchOperators.CanBeObserved)
        {
            Skip = "Torch's operators can be observed on Linux for x64 only.";
        }
    }
}
