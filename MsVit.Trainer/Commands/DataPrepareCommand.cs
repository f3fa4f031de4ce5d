using System.CommandLine;
using System.Globalization;
using MsVit.MLNet;
using MsVit.MLNet.Events;
using MsVit.Trainer.Runs;

namespace MsVit.Trainer.Commands;

/// <summary><c>msvit data prepare</c>: checks recordings and splits them into lists for training and testing.</summary>
internal static class DataPrepareCommand
{
    private enum Set
    {
        Folder,
        Cifar10Dvs,
        Dvs128Gesture,
    }

    public static Verb Create()
    {
        var path = new Argument<string>("path")
        {
            Description = "The unpacked set: a folder with one subfolder per class, or the folder of DVS128 Gesture.",
        };
        var set = new Option<Set>("--set")
        {
            Description = "Which set it is. Published sets are checked for completeness and get their published split.",
            DefaultValueFactory = _ => Set.Folder,
        };
        var output = new Option<string>("--output", "-o")
        {
            Description = "The folder for train.csv and test.csv, which --data accepts.",
            Required = true,
            HelpName = "folder",
        };
        var share = new Option<double>("--test-fraction")
        {
            Description = "With Folder: the share of each class to test on, above 0 and below 1.",
            DefaultValueFactory = _ => 0.2,
            HelpName = "share",
        };
        var seed = new Option<int>("--seed")
        {
            Description = "With Folder: the seed of the split.",
            DefaultValueFactory = _ => 1,
            HelpName = "N",
        };
        var command = new Verb(
            "prepare",
            "Checks a set of event recordings and splits it into lists for training and testing; the recordings stay in place.",
            "msvit data prepare recordings --output lists",
            "msvit data prepare DvsGesture --set Dvs128Gesture --output lists",
            "msvit train --data lists/train.csv --test lists/test.csv")
        {
            path, set, output, share, seed,
        };
        command.SetAction(parsed =>
        {
            var (folder, target) = (parsed.GetValue(path)!, parsed.GetValue(output)!);
            if (!(parsed.GetValue(share) is > 0 and < 1))
            {
                throw new UsageException($"--test-fraction is {parsed.GetValue(share)}; it must be above 0 and below 1.");
            }
            if (!Directory.Exists(folder))
            {
                throw new UsageException($"There is no folder {Path.GetFullPath(folder)}.");
            }
            ModelFile.CheckWritable(Path.Combine(target, "train.csv"));
            // Lists of two splits must not be mixed: a recording could be in both.
            using var held = FolderLock.Take(target, "prepare");
            var prepared = parsed.GetValue(set) switch
            {
                Set.Cifar10Dvs => Cifar10Dvs.Prepare(folder),
                Set.Dvs128Gesture => Dvs128Gesture.Prepare(folder),
                _ => Split(folder, parsed.GetValue(share), parsed.GetValue(seed)),
            };
            Write(Path.Combine(target, "train.csv"), prepared.Train);
            Write(Path.Combine(target, "test.csv"), prepared.Test);
            parsed.InvocationConfiguration.Output.WriteLine(prepared);
            return ExitCode.Success;
        });
        return command;
    }

    private static EventDataset Split(string folder, double share, int seed)
    {
        var (train, test) = (new List<EventRecording>(), new List<EventRecording>());
        foreach (var group in EventRecordings.List(folder).GroupBy(recording => recording.Label).Select(group => group.ToArray()))
        {
            // If a class has two or more recordings, both parts get at least one.
            var tested = Math.Clamp((int)Math.Round(share * group.Length), group.Length > 1 ? 1 : 0, group.Length - 1);
            new Random(seed).Shuffle(group);
            test.AddRange(group[..tested].OrderBy(recording => recording.Path, StringComparer.Ordinal));
            train.AddRange(group[tested..].OrderBy(recording => recording.Path, StringComparer.Ordinal));
        }
        return new(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))),
            string.Create(CultureInfo.InvariantCulture, $"{share:0.##} of each class to test on, seed {seed}"), train, test);
    }

    private static void Write(string file, IReadOnlyList<EventRecording> recordings)
    {
        var sliced = recordings.Any(recording => recording.Start != long.MinValue || recording.End != long.MaxValue);
        var header = sliced ? "path,label,start,end" : "path,label";
        using var pending = new PendingFile(file);
        using (var writer = new StreamWriter(pending.Stream, leaveOpen: true))
        {
            foreach (var line in recordings.Select(recording => Line(recording, sliced)).Prepend(header))
            {
                writer.WriteLine(line);
            }
        }
        pending.Complete();
    }

    private static string Line(EventRecording recording, bool sliced)
    {
        var path = Path.GetFullPath(recording.Path);
        return path.Contains(',', StringComparison.Ordinal) || recording.Label.Contains(',', StringComparison.Ordinal)
            ? throw new InvalidDataException(
                $"{path} ({recording.Label}) has a comma in its name, which a list does not support: rename it.")
            : sliced ? string.Create(CultureInfo.InvariantCulture, $"{path},{recording.Label},{recording.Start},{recording.End}")
            : $"{path},{recording.Label}";
    }
}
