using static System.FormattableString;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Trains, then blends the trained weights with those that training started from.</summary>
/// <remarks>
/// <para>The weights become (1 - s) w_trained + s w_start, running statistics included: Wortsman et al., "Robust fine-tuning of zero-shot
/// models", CVPR 2022. With few samples, or samples like those that the starting model has seen, training spoils more than it teaches; on
/// samples of another kind it is the other way round. So s is measured: it is the one with the smallest loss on held-out samples, or a
/// smaller one that is as good within the error of the measurement (Breiman's rule of one standard error).</para>
/// <para>Without a validation set, a trial run on three quarters of the samples comes first, and the other quarter chooses s.</para>
/// </remarks>
/// <param name="network">The network, with the starting model's weights.</param>
/// <param name="recipe">The recipe.</param>
/// <param name="settings">The settings of the run.</param>
/// <param name="setHead">Sets a new head from the training samples of these settings; it may do nothing.</param>
/// <param name="tell">Receives a line about the trial, and one about the share.</param>
internal sealed class StartBlend(
    MsVitNetwork network, TrainingRecipe recipe, TrainingSettings settings, Action<TrainingSettings> setHead, Action<string> tell)
{
    private const string TrialLine = "A trial comes first", ShareLine = "The model keeps";
    private const double HeldOut = 0.25;

    // Of the epochs, and of the time budget.
    private const double EpochsOfTrial = 0.6, TimeOfTrial = 0.3;

    // If nothing can be held out, because every class has a single sample.
    private const double Unmeasured = 0.5;

    // What was trained comes first.
    private static readonly double[] Shares = [0, 0.25, 0.5, 0.75, 1];

    /// <summary>Whether a line of the log is one of these two, which a user should see.</summary>
    public static bool IsLine(string text) =>
        text.StartsWith(TrialLine, StringComparison.Ordinal) || text.StartsWith(ShareLine, StringComparison.Ordinal);

    /// <summary>Trains and blends.</summary>
    /// <returns>How the run ended, with the share of the starting weights.</returns>
    public TrainingOutcome Run()
    {
        double? share = settings.Validation.Count > 0 ? null : Trial();
        setHead(settings);
        using var start = new WeightSnapshot(network);
        var outcome = new TrainingLoop(network, recipe, settings).Run();
        using var trained = new WeightSnapshot(network);
        var chosen = share ?? Best(start, trained, settings.Validation);
        Blend(network, start, trained, chosen);
        if (share is null)
        {
            var unobserved = settings with { ObserveActivity = false };
            outcome = outcome with { BestValidation = new EpochEvaluation(network, recipe, unobserved).Run() };
        }
        return outcome with { StartShare = chosen };
    }

    /// <summary>Gives a network (1 - share) trained + share start. Whole numbers, which count batches, are those of the trained.</summary>
    internal static void Blend(MsVitNetwork network, WeightSnapshot start, WeightSnapshot trained, double share)
    {
        using var gradientFree = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (name, value) in network.state_dict())
        {
            var (from, to) = (start.Weights[name], trained.Weights[name]);
            // At the ends a copy, which has the same bits.
            _ = value.copy_(share == 0 || !value.is_floating_point() ? to
                : share == 1 ? from
                : ((TensorExpression)to * (1 - share)) + ((TensorExpression)from * share));
        }
    }

    private double Trial()
    {
        var (train, held) = settings.Train.Split(HeldOut, settings.Seed);
        if (held.Count == 0)
        {
            return Unmeasured;
        }
        var epochs = (int)Math.Ceiling(recipe.MaxEpoch * EpochsOfTrial);
        var shorter = recipe with { MaxEpoch = epochs, CooldownEpochs = 0, TimeBudget = recipe.TimeBudget * TimeOfTrial };
        var trial = settings with
        {
            Train = train,
            Checkpoints = null,
            Report = static _ => { },
            ObserveActivity = false,
            Called = null,
        };
        tell($"{TrialLine}: {Counted.Of(epochs, "epoch")} on {Counted.Of(train.Count, "sample")}. "
            + $"{Counted.Of(held.Count, "other then chooses", "others then choose")} how much of the starting model to keep.");
        using var before = new WeightSnapshot(network);
        setHead(trial);
        using var start = new WeightSnapshot(network);
        _ = new TrainingLoop(network, shorter, trial).Run();
        using var trained = new WeightSnapshot(network);
        var share = Best(start, trained, held);
        before.Restore();
        return share;
    }

    // Rank 0 chooses for all.
    private double Best(WeightSnapshot start, WeightSnapshot trained, SampleSet held) =>
        BitConverter.ToDouble(settings.Group.FromFirst(() =>
        {
            var losses = new double[Shares.Length][];
            foreach (var (i, share) in Shares.Index())
            {
                Blend(network, start, trained, share);
                losses[i] = Losses(held);
            }
            var best = Choose(losses);
            tell(Invariant($"{ShareLine} {Shares[best]:0%} of the starting weights: log-loss {losses[best].Average():0.000} on ")
                + Invariant($"{Counted.Of(held.Count, "held-out sample")}, against {losses[0].Average():0.000} with none of them and ")
                + Invariant($"{losses[^1].Average():0.000} without training."));
            return BitConverter.GetBytes(Shares[best]);
        }));

    /// <summary>
    /// The first of several candidates whose mean loss is no more than a standard error above the smallest one. What was trained comes
    /// first, as the trial has learned from fewer samples than the run will.
    /// </summary>
    /// <param name="losses">For each candidate the loss of each sample, the same samples in the same order.</param>
    internal static int Choose(IReadOnlyList<double[]> losses)
    {
        var best = losses.Index().MinBy(item => double.IsNaN(item.Item.Average()) ? double.PositiveInfinity : item.Item.Average()).Item;
        return losses.Index().First(item => item.Item == best || IsClose(item.Item)).Index;

        bool IsClose(double[] candidate)
        {
            double[] more = [.. candidate.Zip(best, (own, least) => own - least)];
            var mean = more.Average();
            var variance = more.Sum(value => (value - mean) * (value - mean)) / Math.Max(1, more.Length - 1);
            return mean <= Math.Sqrt(variance / more.Length);
        }
    }

    private double[] Losses(SampleSet held)
    {
        using var gradientFree = no_grad();
        using var folded = network.Folded(recipe.Precision, settings.NewPass());
        var losses = new List<double>();
        foreach (var batch in new BatchLoader(held, recipe.BatchSize, null, settings.Seed, settings.Workers).Epoch(0))
        {
            using (batch)
            using (TorchThreads.LimitTo(settings.Threads()))
            {
                settings.CheckAlive();
                using var scope = NewDisposeScope();
                var logits = folded.Forward(batch.ToInput(settings.Normalization, settings.Device));
                var target = DeviceTransfer.Send(tensor(batch.Labels), settings.Device);
                var loss = nn.functional.cross_entropy(
                    logits, target, ignore_index: SampleSet.NoLabel, reduction: nn.Reduction.None);
                losses.AddRange(loss.to(float64).cpu().data<double>());
            }
        }
        return [.. losses];
    }
}
