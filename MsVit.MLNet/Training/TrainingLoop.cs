namespace MsVit.MLNet;

/// <summary>Trains a network: set up; then for each epoch steps, evaluation, checkpoint; then finish.</summary>
/// <remarks>
/// Each decision is made in one place: when the run stops in <see cref="StopNow"/>, its length in <see cref="RunClock"/>, whether a step
/// is skipped in <see cref="IWeightUpdate"/>, how many steps may be in <see cref="CountSkipped"/>, how a step is cut into passes in
/// <see cref="TrainingStep"/>, which epoch is the best in <see cref="TrainingOutcome"/>, and what counts toward the patience in
/// <see cref="RunState"/>. Apart from time, cancellation and memory, they depend only on sums over the samples.
/// </remarks>
internal sealed class TrainingLoop(MsVitNetwork network, TrainingRecipe recipe, TrainingSettings settings)
{
    // How often a GPU is read, in steps; reading waits for it.
    private const int ReadInterval = 16;

    /// <summary>Runs until the schedule, the time budget or the patience ends, or until cancellation.</summary>
    /// <returns>How the run ended. The network has the weights of the best epoch and is in evaluation mode.</returns>
    /// <exception cref="NonFiniteLossException">
    /// More steps than the recipe allows had a loss or gradient that was infinite or not a number.
    /// </exception>
    public TrainingOutcome Run()
    {
        // Set up
        using var trained = new TrainedNetwork(network, recipe, settings.Device);
        using var step = new TrainingStep(trained.Network, recipe, settings.Step);
        using var best = new WeightSnapshot(network);
        var train = BatchLoader.ForTraining(settings.Train, recipe, settings.Normalization, settings.Seed, settings.Workers);
        var evaluation = new EpochEvaluation(network, recipe, settings);
        var checkpoints = new RunCheckpoints(settings.Checkpoints, trained.Network, step, best, settings.Notice);
        var run = checkpoints.Resume();
        var clock = new RunClock(recipe, train.BatchesPerEpoch, evaluation.ShareOfEpoch, run.Clock, called: settings.Called);

        while (!run.IsFinished && run.Epoch <= clock.Epochs)
        {
            // Steps
            var reports = new EpochReports(clock, train, run.Tally.Seconds, settings.Train.Teacher is not null);
            var (stop, unread, rate) = (default(StopRequest), 0, 0.0);
            trained.BeginEpoch();
            foreach (var batch in train.Epoch(run.Epoch, skip: run.Step))
            {
                var schedule = RecipeSchedule.Of(recipe, clock.TotalSteps, train.BatchesPerEpoch);
                rate = schedule.At(run.StepsDone);
                using (batch)
                using (TorchThreads.LimitTo(settings.Threads()))
                {
                    settings.CheckAlive();
                    step.Run(batch, run.StepsDone, rate);
                }
                run = run.AfterStep();
                clock.StepDone(run.StepsDone);
                stop = StopNow(clock);

                var isLast = stop.IsMade || run.Step == train.BatchesPerEpoch;
                if (step.IsReadAtOnce || ++unread == ReadInterval || isLast)
                {
                    var sums = step.Read();
                    run = CountSkipped(run, sums.Skipped, schedule, checkpoints.Last) with
                    {
                        Tally = run.Tally.Plus(sums, reports.StepsRead()),
                        MicroBatchSize = step.MicroBatchSize,
                        LossScale = step.LossScale,
                        Clock = clock.State,
                    };
                    unread = 0;
                }
                if (isLast)
                {
                    break;
                }
                if (unread == 0)
                {
                    checkpoints.AfterStep(run);
                    if (reports.IsDue)
                    {
                        settings.Report(reports.Of(run, rate));
                    }
                }
            }

            // An incomplete epoch is saved, to be resumed. If there were complete epochs, the weights of the best one are used instead of
            // its own.
            var isWhole = run.Step == train.BatchesPerEpoch;
            if (!isWhole)
            {
                var isFirst = run.Outcome.EpochsDone == 0;
                checkpoints.Save(run with { IsFinished = stop.IsOutOfTime && !isFirst });
                if (!isFirst)
                {
                    run = run with { Outcome = run.Outcome with { Cancelled = true } };
                    break;
                }
            }

            // Evaluate, and keep the best weights (the averaged ones, if there is an average)
            Evaluation validation;
            using (step.Averaged())
            using (TorchThreads.LimitTo(settings.Threads()))
            {
                trained.HandOver();
                validation = evaluation.Run();
                clock.EpochDone(run.Epoch, run.StepsDone);
                var isBest = run.Outcome.IsBeatenBy(validation);
                run = run.AfterEvaluation(validation, isBest, isWhole, recipe.MinImprovement) with { Clock = clock.State };
                if (isBest)
                {
                    best.Update();
                }
            }
            clock.LastEvaluation = reports.SinceSteps;
            settings.Report(reports.Of(run, rate, validation));

            // Checkpoint
            stop = StopNow(clock);
            var isEarly = stop.IsMade && run.Epoch < recipe.MaxEpoch + recipe.CooldownEpochs;
            run = run with { Outcome = run.Outcome with { Cancelled = isEarly } };
            if (!isWhole)
            {
                break;
            }
            var isPatient = recipe.Patience == 0 || run.EpochsWithoutGain < recipe.Patience;
            run = run.NextEpoch(isFinished: !isPatient || run.Epoch == clock.Epochs);
            checkpoints.AfterEpoch(run);
            if (stop.IsCancelled)
            {
                checkpoints.Save(run);
                break;
            }
        }

        // Finish
        best.Restore();
        network.eval();
        return run.Outcome;
    }

    // Asked once after each step and once after each evaluation.
    private StopRequest StopNow(RunClock clock) => new(settings.Cancellation.IsCancellationRequested, clock.IsOver);

    private RunState CountSkipped(RunState run, SkippedSteps? skipped, ILearningRateSchedule schedule, string lastCheckpoint)
    {
        if (skipped is null)
        {
            return run;
        }
        var (step, rate) = (run.Step - (int)(run.StepsDone - skipped.First) + 1, schedule.At(skipped.First));
        var all = run.SkippedSteps + skipped.Count;
        if (all > recipe.MaxSkippedSteps)
        {
            throw new NonFiniteLossException(run.Epoch, step, skipped.Reason, rate, run.SkippedSteps, lastCheckpoint);
        }
        var later = skipped.Count == 1 ? "" : $" So were {skipped.Count - 1} of the steps after it.";
        settings.Notice($"Epoch {run.Epoch}, step {step} was skipped: {skipped.Reason} (learning rate {rate:g3}).{later} "
            + $"The run has skipped {all} of at most {recipe.MaxSkippedSteps} steps.");
        return run with { SkippedSteps = all };
    }

    // Why a run ends before its schedule does.
    private readonly record struct StopRequest(bool IsCancelled, bool IsOutOfTime)
    {
        public bool IsMade => IsCancelled || IsOutOfTime;
    }
}
