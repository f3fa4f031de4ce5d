using MsVit.MLNet.Network;
using MsVit.MLNet.Training.Augmentation;
using MsVit.MLNet.Training.Schedule;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet.Training;

/// <summary>Trains a network: set up, then for each epoch step, evaluate, keep the best.</summary>
internal sealed class TrainingLoop(MsVitNetwork network, TrainingRecipe recipe, TrainingSettings settings)
{
    // What a forward pass without gradients costs, as a share of a training step on the same sample.
    private const double EvaluationCost = 1.0 / 3;

    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(200);

    private readonly BatchLoader _train = new(
        settings.Train, recipe.BatchSize, Augmentation(recipe, settings), settings.Seed, settings.Workers,
        new BatchMixing(settings.Train.Shape.IsFrames ? recipe.Frames.Mixing : recipe.Images.Mixing, settings.Seed),
        settings.Train.Shape.IsFrames || recipe.Images.Erasing is null ? null : new Eraser(recipe.Images.Erasing));

    private readonly ForwardContext _context = ForwardContext.In(recipe.Precision);

    private readonly BatchLoader _validation = new(settings.Validation, recipe.BatchSize, null, settings.Seed, settings.Workers);

    /// <summary>Runs to the end of the schedule, to the end of the time budget, or to cancellation.</summary>
    /// <returns>How it ended; the network has the weights of the best epoch and is in evaluation mode.</returns>
    /// <exception cref="NonFiniteLossException">The loss was infinite or not a number.</exception>
    public TrainingOutcome Run()
    {
        // Set up
        using var trained = new TrainedNetwork(network, recipe.Frames.TrainTimeSteps, settings.Device);
        using var optimizer = CreateOptimizer(trained.Network);
        using var best = new WeightSnapshot(network);
        var stepsPerEpoch = _train.BatchesPerEpoch;
        var clock = new RunClock(recipe, stepsPerEpoch, EvaluationCost * settings.Validation.Count / settings.Train.Count);
        var outcome = new TrainingOutcome(0, 0, new(double.NaN, double.NaN), Cancelled: false);
        var done = 0L;

        for (var epoch = 1; epoch <= clock.Epochs; epoch++)
        {
            // Step
            trained.Network.train();
            var tally = new EpochTally(epoch, stepsPerEpoch, clock, _train);
            foreach (var batch in _train.Epoch(epoch))
            {
                using (batch)
                {
                    settings.CheckAlive();
                    var rate = Rate(clock, done, stepsPerEpoch);
                    var (loss, right, fault) = Step(trained.Network, optimizer, batch, rate);
                    if (fault is not null)
                    {
                        throw new NonFiniteLossException(epoch, tally.Step + 1, fault, rate);
                    }
                    clock.StepDone(++done);
                    tally.Add(batch.Count, loss, right, rate);
                }
                if (Stopping(clock))
                {
                    break;
                }
                if (tally.Step < stepsPerEpoch && tally.SinceReport > ReportInterval)
                {
                    settings.Report(tally.Report(outcome.BestEpoch));
                }
            }
            var whole = tally.Step == stepsPerEpoch;
            if (!whole && outcome.EpochsDone > 0)
            {
                // The weights of a part of an epoch are left for those of the best whole one.
                best.Restore();
                network.eval();
                return outcome with { Cancelled = true };
            }

            // Evaluate
            trained.HandOver();
            var validation = Evaluate();
            if (Stopping(clock))
            {
                clock.EndWith(epoch, done);
            }
            else
            {
                clock.EpochDone(epoch);
            }

            // Keep the best
            outcome = outcome with { EpochsDone = whole ? epoch : 0, Cancelled = Stopping(clock) && epoch < recipe.MaxEpoch };
            if (IsBetter(validation, outcome))
            {
                best.Update();
                outcome = outcome with { BestEpoch = outcome.EpochsDone, BestValidation = validation };
            }
            settings.Report(tally.Report(outcome.BestEpoch, validation));
            if (Stopping(clock))
            {
                break;
            }
        }
        best.Restore();
        network.eval();
        return outcome;
    }

    private (double Loss, long Right, string? Fault) Step(MsVitNetwork learner, AdamW optimizer, SampleBatch batch, double rate)
    {
        using var scope = NewDisposeScope();
        foreach (var group in optimizer.ParamGroups)
        {
            group.LearningRate = rate;
        }
        var target = tensor(batch.Labels, device: settings.Device);
        optimizer.zero_grad();
        var logits = learner.Forward(settings.Normalization.Apply(batch, settings.Device), _context);
        var loss = BatchMixing.Loss(logits, target, batch.Mix.Lambda, recipe.LabelSmoothing);
        var value = loss.ToDouble();
        if (!double.IsFinite(value))
        {
            return (value, 0, $"the loss is {value}");
        }
        loss.backward();
        if (GradientCheck.FindNonFinite(learner) is { } parameter)
        {
            return (value, 0, $"the gradient of {parameter} is not finite");
        }
        optimizer.step();
        return (value, logits.detach().argmax(1).eq(target).sum().ToInt64(), null);
    }

    internal static ISampleAugmentation Augmentation(TrainingRecipe recipe, TrainingSettings settings) => settings.Train.Shape.IsFrames
        ? new EventFrameAugmentation { Flip = recipe.Frames.HorizontalFlip, Operations = recipe.Frames.Operations, DropEvents = recipe.Frames.DropEvents, TrainTimeSteps = recipe.Frames.TrainTimeSteps }
        : new ImageAugmentation(recipe.Images, settings.Train.Shape, ImageAugmentation.MeanColor(settings.Normalization));

    private Evaluation Evaluate() => settings.Validation.Count == 0
        ? new(double.NaN, double.NaN)
        : Evaluation.Run(network, recipe.Precision, _validation, settings.Normalization, settings.Device, settings.CheckAlive);

    // Without a validation set the last epoch counts as the best.
    private bool IsBetter(Evaluation now, TrainingOutcome soFar) =>
        settings.Validation.Count == 0
        || soFar.BestEpoch == 0
        || now.Accuracy > soFar.BestValidation.Accuracy
        || (now.Accuracy == soFar.BestValidation.Accuracy && now.Loss < soFar.BestValidation.Loss);

    private bool Stopping(RunClock clock) => settings.Cancellation.IsCancellationRequested || clock.IsOver;

    private double Rate(RunClock clock, long step, int stepsPerEpoch)
    {
        var warmup = Math.Min((long)Math.Round(recipe.WarmupEpochs * stepsPerEpoch), clock.TotalSteps - 1);
        return new WarmupCosine(recipe.LearningRate, recipe.MinLearningRate, warmup, clock.TotalSteps).At(step);
    }

    private AdamW CreateOptimizer(MsVitNetwork learner)
    {
        // Norms and biases have one axis: they are not decayed.
        var parameters = learner.parameters().ToArray();
        return optim.AdamW(
        [
            new AdamW.ParamGroup(parameters.Where(p => p.dim() > 1).ToArray(), weight_decay: recipe.WeightDecay),
            new AdamW.ParamGroup(parameters.Where(p => p.dim() <= 1).ToArray(), weight_decay: 0),
        ], lr: recipe.LearningRate);
    }
}
