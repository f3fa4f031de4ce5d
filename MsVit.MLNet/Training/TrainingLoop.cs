using MsVit.MLNet.Network;
using MsVit.MLNet.Training.Augmentation;
using MsVit.MLNet.Training.Checkpoints;
using MsVit.MLNet.Training.Schedule;

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

    private readonly EpochEvaluation _evaluation = new(network, recipe.Precision, recipe.BatchSize, settings);

    /// <summary>Runs to the end of the schedule, of the time budget or of the patience, or to cancellation.</summary>
    /// <returns>How it ended; the network has the weights of the best epoch and is in evaluation mode.</returns>
    /// <exception cref="NonFiniteLossException">More losses or gradients than the recipe allows were infinite or not a number.</exception>
    public TrainingOutcome Run()
    {
        // Set up
        using var trained = new TrainedNetwork(network, recipe.Frames.TrainTimeSteps, settings.Device);
        var frozen = new FrozenPart(trained.Network, recipe.FrozenStages);
        using var step = new TrainingStep(trained.Network, recipe, settings);
        using var best = new WeightSnapshot(network);
        var checkpoints = new RunCheckpoints(settings.Checkpoints, trained.Network, step, best, settings.Notice);
        var state = checkpoints.Resume();
        var stepsPerEpoch = _train.BatchesPerEpoch;
        var clock = new RunClock(recipe, stepsPerEpoch, EvaluationCost * settings.Validation.Count / settings.Train.Count, state.Clock);

        while (!state.IsFinished && state.Epoch <= clock.Epochs)
        {
            // Step
            trained.Network.train();
            frozen.Hold();
            var epoch = state.Epoch;
            var tally = new EpochTally(epoch, stepsPerEpoch, clock, state.Step, state.Tally, _train);
            foreach (var batch in _train.Epoch(epoch, skip: state.Step))
            {
                using (batch)
                {
                    settings.CheckAlive();
                    var rate = Rate(clock, state.StepsDone, stepsPerEpoch);
                    var result = step.Run(batch, state.StepsDone, rate);
                    if (result.Fault is { } fault)
                    {
                        state = Skip(state, tally, fault, rate, checkpoints);
                    }
                    else
                    {
                        tally.Add(batch.Count, result.Loss, result.Right, rate);
                    }
                    clock.StepDone(state.StepsDone + 1);
                }
                state = state with { Step = tally.Step, StepsDone = state.StepsDone + 1, Tally = tally.State, Clock = clock.State, MicroBatchSize = step.MicroBatchSize };
                if (Stopping(clock))
                {
                    break;
                }
                if (tally.Step < stepsPerEpoch)
                {
                    checkpoints.AfterStep(state);
                    if (tally.SinceReport > ReportInterval)
                    {
                        settings.Report(tally.Report(state.Outcome.BestEpoch));
                    }
                }
            }
            var whole = tally.Step == stepsPerEpoch;
            if (!whole)
            {
                checkpoints.Save(state with { IsFinished = clock.IsOver && state.Outcome.EpochsDone > 0 });
                if (state.Outcome.EpochsDone > 0)
                {
                    // The weights of a part of an epoch are left for those of the best whole one.
                    state = state with { Outcome = state.Outcome with { Cancelled = true } };
                    break;
                }
            }

            // Evaluate
            using var averaged = step.Averaged();
            trained.HandOver();
            var validation = _evaluation.Run();
            if (clock.IsOver)
            {
                clock.EndWith(epoch, state.StepsDone);
            }
            else if (whole)
            {
                clock.EpochDone(epoch);
            }

            // Keep the best
            var outcome = state.Outcome with { EpochsDone = whole ? epoch : 0, Cancelled = Stopping(clock) && epoch < recipe.MaxEpoch + recipe.CooldownEpochs };
            if (IsBetter(validation, outcome))
            {
                best.Update();
                outcome = outcome with { BestEpoch = outcome.EpochsDone, BestValidation = validation with { Activity = null } };
            }
            averaged?.Dispose();
            settings.Report(tally.Report(outcome.BestEpoch, validation));

            // Checkpoint
            state = Patience(state with { Outcome = outcome, Clock = clock.State }, validation);
            var patient = recipe.Patience == 0 || state.EpochsWithoutGain < recipe.Patience;
            if (!whole)
            {
                break;
            }
            state = state with
            {
                Epoch = epoch + 1,
                Step = 0,
                Tally = default,
                IsFinished = !patient || epoch == clock.Epochs,
            };
            checkpoints.AfterEpoch(state);
            if (settings.Cancellation.IsCancellationRequested)
            {
                checkpoints.Save(state);
                break;
            }
        }
        best.Restore();
        network.eval();
        return state.Outcome;
    }

    private RunState Skip(RunState state, EpochTally tally, string fault, double rate, RunCheckpoints checkpoints)
    {
        var (epoch, step) = (state.Epoch, tally.Step + 1);
        if (state.SkippedSteps == recipe.MaxSkippedSteps)
        {
            throw new NonFiniteLossException(epoch, step, fault, rate, state.SkippedSteps, checkpoints.Last);
        }
        tally.Skip();
        settings.Notice($"Epoch {epoch}, step {step} is left out: {fault} (learning rate {rate:g3}). It is number {state.SkippedSteps + 1} of the {recipe.MaxSkippedSteps} that may be.");
        return state with { SkippedSteps = state.SkippedSteps + 1 };
    }

    private RunState Patience(RunState state, Evaluation validation) =>
        settings.Validation.Count > 0 && !(validation.Accuracy > state.GainFrom + recipe.MinImprovement || double.IsNaN(state.GainFrom))
            ? state with { EpochsWithoutGain = state.EpochsWithoutGain + 1 }
            : state with { EpochsWithoutGain = 0, GainFrom = validation.Accuracy };

    internal static ISampleAugmentation Augmentation(TrainingRecipe recipe, TrainingSettings settings) => settings.Train.Shape.IsFrames
        ? new EventFrameAugmentation { Flip = recipe.Frames.HorizontalFlip, Operations = recipe.Frames.Operations, DropEvents = recipe.Frames.DropEvents, TrainTimeSteps = recipe.Frames.TrainTimeSteps }
        : new ImageAugmentation(recipe.Images, settings.Train.Shape, ImageAugmentation.MeanColor(settings.Normalization));

    // Without a validation set the last epoch counts as the best.
    private bool IsBetter(Evaluation now, TrainingOutcome soFar) =>
        settings.Validation.Count == 0
        || soFar.BestEpoch == 0
        || now.Accuracy > soFar.BestValidation.Accuracy
        || (now.Accuracy == soFar.BestValidation.Accuracy && now.Loss < soFar.BestValidation.Loss);

    private bool Stopping(RunClock clock) => settings.Cancellation.IsCancellationRequested || clock.IsOver;

    private double Rate(RunClock clock, long step, int stepsPerEpoch) => Schedule(clock, stepsPerEpoch).At(step);

    private ILearningRateSchedule Schedule(RunClock clock, int stepsPerEpoch)
    {
        var (peak, epochs) = (recipe.PeakLearningRate, (double)clock.TotalSteps / stepsPerEpoch);
        return recipe.Schedule switch
        {
            ScheduleKind.EpochCosine => new EpochCosine(
                peak, recipe.MinLearningRate, recipe.WarmupLearningRate, (int)Math.Round(recipe.WarmupEpochs), Math.Max(1, (int)epochs), stepsPerEpoch),
            ScheduleKind.HalfCosine => new StepHalfCosine(peak, recipe.MinLearningRate, Math.Min(recipe.WarmupEpochs, epochs / 2), epochs, stepsPerEpoch),
            _ => new WarmupCosine(
                peak, recipe.MinLearningRate, Math.Min((long)Math.Round(recipe.WarmupEpochs * stepsPerEpoch), clock.TotalSteps - 1), clock.TotalSteps),
        };
    }
}
