using System.Globalization;
using System.Text.Json;
using MsVit.MLNet;

namespace MsVit.Tests.Distributed;

/// <summary>The part of <see cref="RankWorker"/> that trains.</summary>
internal static class TrainingWorker
{
    /// <summary>Trains each of the kinds named on all ranks, then again on one of the ranks alone.</summary>
    public const string Compare = "compare";

    /// <summary>Trains one kind, and then without an end; says which step begins.</summary>
    public const string Endless = "endless";

    /// <summary>
    /// Trains with a folder of checkpoints and an interval in milliseconds, or "never"; says which step begins, and waits to be killed.
    /// </summary>
    public const string Checkpointed = "checkpointed";

    /// <summary>Resumes from each of the folders named, or begins where one is empty.</summary>
    public const string Resume = "resume";

    /// <summary>Takes one step and says how far its gradient is from that of one process.</summary>
    public const string Gradient = "gradient";

    public const string Never = "never";

    /// <summary>The last step of <see cref="Checkpointed"/>. Then it waits to be killed.</summary>
    public const int LastStep = 12;

    /// <summary>How the ranks watch each other; null if the words do not ask for training.</summary>
    public static RankGroupOptions? Watch(string[] words) => words switch
    {
        // Long enough for what only one of the ranks compiles.
        [Endless, _] => new() { StallNotice = TimeSpan.FromSeconds(4), StallLimit = TimeSpan.FromSeconds(4) },
        [Compare or Checkpointed or Resume or Gradient, ..] => new(),
        _ => null,
    };

    /// <summary>Trains, if the words ask for it.</summary>
    public static bool Does(RankGroup group, string[] words)
    {
        switch (words)
        {
            case [Compare, .. var kinds]:
                CompareTrainings(group, kinds);
                return true;
            case [Endless, var kind]:
                Say(kind, RankTraining.Kinds[kind].Fit(group));
                _ = RankTraining.Endless.Fit(Announced(group));
                return true;
            case [Checkpointed, var folder, var interval]:
                Say(folder, RankTraining.Killed.Fit(Announced(group, LastStep), folder, Interval(interval)));
                return true;
            case [Resume, .. var folders]:
                foreach (var folder in folders)
                {
                    Say(folder, RankTraining.Killed.Fit(group, folder));
                }
                return true;
            case [Gradient]:
                Console.WriteLine(RankTraining.GradientError(group).ToString(CultureInfo.InvariantCulture));
                return true;
            default:
                return false;
        }
    }

    /// <summary>What ranks said of their trainings.</summary>
    public static RankTrained[] Read(IEnumerable<string> lines) =>
        [.. lines.Where(line => line.StartsWith('{')).Select(line => JsonSerializer.Deserialize<RankTrained>(line)!)];

    private static void CompareTrainings(RankGroup group, string[] kinds)
    {
        var together = new Dictionary<string, RankTrained>();
        foreach (var kind in kinds)
        {
            Say(kind, together[kind] = RankTraining.Kinds[kind].Fit(group));
        }
        // The ranks share out what is trained alone.
        foreach (var (i, kind) in kinds.Where(kind => kind != RankTraining.TimeBudget).Index())
        {
            if (i % group.Size == group.Rank)
            {
                var alone = RankTraining.Kinds[kind].Alone.Fit(RankGroup.Alone);
                Say(kind, alone with
                {
                    StatisticsError = alone.Statistics.Zip(
                        together[kind].Statistics, (own, other) => Math.Abs(own - other) / (1 + Math.Abs(own))).Max(),
                });
            }
        }
    }

    private static TimeSpan? Interval(string text) =>
        text == Never ? null : TimeSpan.FromMilliseconds(int.Parse(text, CultureInfo.InvariantCulture));

    // Written at once, so that the launcher does not mix it with the line of another rank. Console cuts long lines.
    private static void Say(string task, RankTrained trained)
    {
        using var output = Console.OpenStandardOutput();
        output.Write([.. JsonSerializer.SerializeToUtf8Bytes(trained with { Task = task }), (byte)'\n']);
    }

    // Every rank says who it is, and the first one counts the steps.
    private static AnnouncingGroup Announced(RankGroup group, long lastStep = long.MaxValue)
    {
        Console.WriteLine(RunningMpiJob.Introduction(group));
        return new(group, step =>
        {
            if (group.IsFirst)
            {
                Console.WriteLine($"{RunningMpiJob.Step}{step}");
            }
            if (step > lastStep)
            {
                Thread.Sleep(Timeout.Infinite);
            }
        });
    }
}
