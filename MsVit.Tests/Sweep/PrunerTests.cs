using MsVit.MLNet.Sweep;

namespace MsVit.Tests.Sweep;

public sealed class PrunerTests
{
    [Fact]
    public void The_median_ends_a_trial_that_is_worse_than_half_of_the_others_were()
    {
        var pruner = new MedianPruner(warmupEpochs: 1, startupTrials: 4);
        TrialRecord[] others = [Trial(0.1, 0.2, 0.9), Trial(0.2, 0.4), Trial(0.3, 0.6), Trial(0.4, 0.8)];
        // At epoch 2 the median of 0.2, 0.4, 0.6 and 0.8 is 0.5.
        Assert.True(pruner.Prunes(Curve(0.1, 0.49), others));
        Assert.False(pruner.Prunes(Curve(0.1, 0.51), others));
        Assert.False(pruner.Prunes(Curve(0.51, 0.1), others));
        Assert.False(pruner.Prunes(Curve(0.0), others));
        Assert.False(pruner.Prunes(Curve(0.0, 0.0), others[..3]));
    }

    [Fact]
    public void Successive_halving_lets_the_best_third_pass_each_rung()
    {
        var pruner = new SuccessiveHalvingPruner(firstRung: 1, reduction: 3);
        TrialRecord[] others = [Trial(0.1), Trial(0.2), Trial(0.3), Trial(0.4), Trial(0.5)];
        // Six have reached epoch 1 with this one; two may go on.
        Assert.False(pruner.Prunes(Curve(0.45), others));
        Assert.True(pruner.Prunes(Curve(0.35), others));
        Assert.False(pruner.Prunes(Curve(0.35, 0.0), others));
        Assert.False(pruner.Prunes(Curve(0.0), []));
    }

    private static TrialRecord Trial(params double[] accuracies) =>
        new() { Number = 0, Parameters = "{}", Seed = 0, State = TrialState.Completed, Curve = Curve(accuracies) };

    private static TrialEpoch[] Curve(params double[] accuracies) =>
        [.. accuracies.Select((accuracy, i) => new TrialEpoch(i + 1, accuracy, 1, i))];
}
