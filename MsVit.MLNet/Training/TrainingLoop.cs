namespace MsVit.MLNet;

/// <summary>Trains a network: set up, then for each epoch step, evaluate, keep the best.</summary>
internal sealed class TrainingLoop(MsVitNetwork network, TrainingRecipe recipe, TrainingSettings settings)
{
    // What a forward pass without gradients costs, as a share of a training step on the same sample.
    private const double EvaluationCost = 1.0 / 3;

    // Steps after which a GPU is asked, and waited for.
    private const int ReadInterval = 16;

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
        var clock = new RunClock(recipe, _train.BatchesPerEpoch, EvaluationCost * settings.Validation.Count / settings.Train.Count, state.Clock);
        var run = new RunParts(trained, frozen, step, best, checkpoints, clock);

        var goesOn = true;
        while (goesOn && !state.IsFinished && state.Epoch <= clock.Epochs)
        {
            // Step
            var tally = new EpochTally(state.Epoch, _train.BatchesPerEpoch, clock, state.Step, state.Tally, _train);
            state = Steps(run, state, tally);

            // Evaluate, keep the best, checkpoint
            (state, goesOn) = tally.Step == _train.BatchesPerEpoch || state.Outcome.EpochsDone == 0
                ? EndOfEpoch(run, state, tally)
                : (InPart(run, state), false);
        }
        best.Restore();
        network.eval();
        return state.Outcome;
    }

    private RunState Steps(RunParts run, RunState state, EpochTally tally)
    {
        run.Trained.Network.train();
        run.Frozen.Hold();
        var unread = 0;
        foreach (var batch in _train.Epoch(state.Epoch, skip: state.Step))
        {
            using (batch)
            {
                settings.CheckAlive();
                var rate = RecipeSchedule.Of(recipe, run.Clock.TotalSteps, _train.BatchesPerEpoch).At(state.StepsDone);
                run.Step.Run(batch, state.StepsDone, rate);
                tally.Count(rate);
            }
            state = state with { Step = tally.Step, StepsDone = state.StepsDone + 1 };
            unread++;
            var isLast = Stopping(run.Clock) || tally.Step == _train.BatchesPerEpoch;
            if (run.Step.IsReadAtOnce || unread == ReadInterval || isLast)
            {
                state = Read(run, state, tally);
                unread = 0;
            }
            run.Clock.StepDone(state.StepsDone);
            state = state with { Clock = run.Clock.State };
            if (isLast || Stopping(run.Clock))
            {
                state = unread > 0 ? Read(run, state, tally) : state;
                break;
            }
            if (unread == 0)
            {
                run.Checkpoints.AfterStep(state);
                if (tally.SinceReport > ReportInterval)
                {
                    settings.Report(tally.Report(state.Outcome.BestEpoch));
                }
            }
        }
        return state;
    }

    private RunState Read(RunParts run, RunState state, EpochTally tally)
    {
        var sums = run.Step.Read();
        tally.Add(sums);
        state = sums.Fault is { } fault ? Skip(run, state, fault, tally) : state;
        return state with { Tally = tally.State, MicroBatchSize = run.Step.MicroBatchSize, LossScale = run.Step.LossScale };
    }

    private RunState Skip(RunParts run, RunState state, StepFault fault, EpochTally tally)
    {
        var step = (int)(fault.First - (state.StepsDone - tally.Step)) + 1;
        var rate = RecipeSchedule.Of(recipe, run.Clock.TotalSteps, _train.BatchesPerEpoch).At(fault.First);
        if (state.SkippedSteps + fault.Count > recipe.MaxSkippedSteps)
        {
            throw new NonFiniteLossException(state.Epoch, step, fault.What, rate, state.SkippedSteps, run.Checkpoints.Last);
        }
        var others = fault.Count == 1 ? "It is number" : $"So are {fault.Count - 1} of those that followed. The last is number";
        settings.Notice($"Epoch {state.Epoch}, step {step} is left out: {fault.What} (learning rate {rate:g3}). {others} {state.SkippedSteps + fault.Count} of the {recipe.MaxSkippedSteps} that may be.");
        return state with { SkippedSteps = state.SkippedSteps + fault.Count };
    }

    // A part of an epoch behind whole ones: its weights are left for those of the best whole one.
    private static RunState InPart(RunParts run, RunState state)
    {
        run.Checkpoints.Save(state with { IsFinished = run.Clock.IsOver });
        return state with { Outcome = state.Outcome with { Cancelled = true } };
    }

    private (RunState State, bool GoesOn) EndOfEpoch(RunParts run, RunState state, EpochTally tally)
    {
        var (epoch, clock, whole) = (state.Epoch, run.Clock, tally.Step == _train.BatchesPerEpoch);
        if (!whole)
        {
            run.Checkpoints.Save(state);
        }

        // Evaluate
        using var averaged = run.Step.Averaged();
        run.Trained.HandOver();
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
            run.Best.Update();
            outcome = outcome with { BestEpoch = outcome.EpochsDone, BestValidation = validation with { Activity = null } };
        }
        averaged?.Dispose();
        settings.Report(tally.Report(outcome.BestEpoch, validation));

        // Checkpoint
        state = Patience(state with { Outcome = outcome, Clock = clock.State }, validation);
        if (!whole)
        {
            return (state, false);
        }
        var patient = recipe.Patience == 0 || state.EpochsWithoutGain < recipe.Patience;
        state = state with { Epoch = epoch + 1, Step = 0, Tally = default, IsFinished = !patient || epoch == clock.Epochs };
        run.Checkpoints.AfterEpoch(state);
        if (settings.Cancellation.IsCancellationRequested)
        {
            run.Checkpoints.Save(state);
            return (state, false);
        }
        return (state, true);
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
}
