using System.Text;

namespace MsVit.MLNet;

/// <summary>Trains a network: set up; then for each epoch steps, evaluation, checkpoint; then finish.</summary>
/// <remarks>
/// Each decision is made in one place: when the run stops in <see cref="StopNow"/>, its length in <see cref="RunClock"/>, whether a step
/// is skipped in <see cref="IWeightUpdate"/>, how many steps may be in <see cref="CountSkipped"/>, how a step is cut into passes in
/// <see cref="TrainingStep"/>, which epoch is the best in <see cref="TrainingOutcome"/>, and what counts toward the patience in
/// <see cref="RunState"/>. They depend only on sums over the samples of all ranks, and on time, cancellation and memory, of which the
/// ranks tell each other. So every rank decides the same, and rank 0 reports and saves for all.
/// </remarks>
/// <param name="network">The network, the same on all ranks. At the end all have the same weights.</param>
/// <param name="recipe">How to train.</param>
/// <param name="given">The samples and more.</param>
internal sealed class TrainingLoop(MsVitNetwork network, TrainingRecipe recipe, TrainingSettings given)
{
    // How often a GPU is read, in steps; reading waits for it.
    private const int ReadInterval = 16;

    private readonly TrainingSettings _settings = given.OfRank;
    private readonly RankGroup _ranks = given.Group;

    /// <summary>Runs until the schedule, the time budget or the patience ends, or until cancellation.</summary>
    /// <returns>How the run ended. The network has the weights of the best epoch and is in evaluation mode.</returns>
    /// <exception cref="NonFiniteLossException">
    /// More steps than the recipe allows had a loss or gradient that was infinite or not a number.
    /// </exception>
    public TrainingOutcome Run()
    {
        // Set up
        using var trained = new TrainedNetwork(network, recipe, _settings.Device);
        using var step = new TrainingStep(trained.Network, recipe, _settings.Step);
        using var best = new WeightSnapshot(network);
        var train = BatchLoader.ForTraining(
            _settings.Train, recipe, _settings.Normalization, _settings.Seed, _settings.Workers,
            _ranks.Size > 1 ? step.OwnSamples : null);
        var evaluation = new EpochEvaluation(network, recipe, _settings);
        var checkpoints = new RunCheckpoints(_settings.Checkpoints, trained.Network, step, best, _settings.Notice, _ranks);
        RequireSameSamples();
        var run = checkpoints.Resume();
        var clock = new RunClock(
            recipe, train.BatchesPerEpoch, evaluation.ShareOfEpoch, run.Clock, _settings.Time, _settings.Called, _ranks);
        SayWhoIsIdle(step);

        while (!run.IsFinished && run.Epoch <= clock.Epochs)
        {
            // Steps
            var reports = new EpochReports(clock, train, run.Tally.Seconds, _settings.Train.Teacher is not null);
            var (stop, unread, rate) = (default(StopRequest), 0, 0.0);
            trained.BeginEpoch();
            foreach (var batch in train.Epoch(run.Epoch, skip: run.Step))
            {
                var schedule = RecipeSchedule.Of(recipe, clock.TotalSteps, train.BatchesPerEpoch);
                rate = schedule.At(run.StepsDone);
                using (batch)
                using (TorchThreads.LimitTo(_settings.Threads()))
                {
                    _settings.CheckAlive();
                    _ranks.BeginStep(run.StepsDone + 1);
                    step.Run(batch, run.StepsDone, rate);
                }
                run = run.AfterStep();
                clock.StepDone(run.StepsDone);
                if (!step.EndRound(run.Step, train.BatchesPerEpoch))
                {
                    // The ranks have weights of their own, which nobody reads, saves or stops with.
                    continue;
                }
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
                        _settings.Report(reports.Of(run, rate));
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
            using (TorchThreads.LimitTo(_settings.Threads()))
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
            RequireSameWeights(trained, step, run.Epoch);
            clock.LastEvaluation = reports.SinceSteps;
            _settings.Report(reports.Of(run, rate, validation));

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

    // Asked once after each step, or round of local steps, and once after each evaluation.
    private StopRequest StopNow(RunClock clock) => new(_ranks.Any(_settings.Cancellation.IsCancellationRequested), clock.IsOver);

    // Ranks with different samples would compute parts of different batches, and nothing would show it.
    private void RequireSameSamples()
    {
        if (_ranks.Size > 1)
        {
            _ranks.RequireSame(
                Encoding.ASCII.GetBytes(DataFingerprint.Of(_settings.Train, _settings.Validation)), "training and validation samples",
                "Give every rank all samples, in the same order; the steps are shared out among the ranks.");
        }
    }

    private void RequireSameWeights(TrainedNetwork trained, TrainingStep step, int epoch)
    {
        if (_ranks.Size > 1)
        {
            _ranks.RequireSame(trained.Network.state_dict().Concat(step.State()).Select(item => item.Value), epoch);
        }
    }

    private void SayWhoIsIdle(TrainingStep step)
    {
        var passes = step.Passes(recipe.BatchSize);
        if (passes < _ranks.Size)
        {
            var smaller = recipe.MicroBatchSize == 0 ? "" : " with Recipe.MicroBatchSize = 0";
            _settings.Notice($"A step has {Counted.Of(passes, "pass", "passes")} of {step.MicroBatchSize} samples for {_ranks.Size} "
                + $"ranks, so some ranks compute nothing. A run keeps the size of its passes: use {passes} "
                + $"{(passes == 1 ? "rank" : "ranks")}, or start a new run{smaller}.");
        }
    }

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
        _settings.Notice($"Epoch {run.Epoch}, step {step} was skipped: {skipped.Reason} (learning rate {rate:g3}).{later} "
            + $"The run has skipped {all} of at most {Counted.Of(recipe.MaxSkippedSteps, "step")}.");
        return run with { SkippedSteps = all };
    }

    // Why a run ends before its schedule does.
    private readonly record struct StopRequest(bool IsCancelled, bool IsOutOfTime)
    {
        public bool IsMade => IsCancelled || IsOutOfTime;
    }
}
