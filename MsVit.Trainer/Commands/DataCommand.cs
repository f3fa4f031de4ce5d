using System.CommandLine;
using System.Globalization;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.MLNet.Events;
using MsVit.Trainer.Data;
using MsVit.Trainer.Runs;

namespace MsVit.Trainer.Commands;

/// <summary><c>msvit data</c>: inspects, prepares, simulates and caches data.</summary>
internal static class DataCommand
{
    public static Command Create() => new("data", "Inspects data sets and recordings, and simulates recordings to try things out.")
    {
        Inspect(), DataPrepareCommand.Create(), Simulate(), DataCacheCommand.Create(),
    };

    private static Verb Inspect()
    {
        var path = new Argument<string>("path") { Description = "A recording, or a data set as in 'msvit train --data'." };
        var json = new Option<bool>("--json")
        {
            Description =
                "Print one JSON object; for a recording: events, first, last, sum_x, sum_y, on, max_x, max_y, backward_steps and "
                + "sha256.",
        };
        var format = new Option<DataFormat>("--format")
        {
            Description = "For a data set: folder reads only images, events only recordings.",
            DefaultValueFactory = _ => DataFormat.Auto,
        };
        var reading = new ReadingOptions();
        var command = new Verb(
            "inspect",
            "Reads a whole recording, or every file of a data set: parts, classes, sizes, durations, what is passed over, unreadable files "
                + "and duplicates.",
            "msvit data inspect gesture.aedat",
            "msvit data inspect photos",
            "msvit data inspect recording.raw --json")
        {
            path, format, json,
        };
        reading.AddTo(command, withUnreadable: false);
        command.SetAction(parsed =>
        {
            var (output, name) = (parsed.InvocationConfiguration.Output, parsed.GetValue(path)!);
            if (File.Exists(name) && !CifarFiles.IsCifar(name) && !IsList(name))
            {
                var tally = RecordingTally.Read(name, reading.Of(parsed));
                if (parsed.GetValue(json))
                {
                    output.WriteLine(JsonLine.Of(tally.ToJson()));
                }
                else
                {
                    tally.Write(output);
                }
                return ExitCode.Success;
            }
            var error = parsed.InvocationConfiguration.Error;
            using var interrupt = new Interrupt(error, "Stopping.");
            var look = new DataLook
            {
                Error = error,
                Reading = reading.Of(parsed),
                Decode = true,
                Cancellation = interrupt.Token,
            };
            var set = SetTally.Of(new MLContext(seed: 1), name, parsed.GetValue(format), look);
            if (set.Survey is { } survey)
            {
                SurveyLines.Write(error, survey);
            }
            if (parsed.GetValue(json))
            {
                output.WriteLine(JsonLine.Of(set.ToJson()));
            }
            else
            {
                set.Write(output);
            }
            // The account was given; that nobody can train on the set is an error all the same.
            return set.Fatal is { } fatal ? throw new InvalidDataException(fatal) : ExitCode.Success;
        });
        return command;
    }

    private static Verb Simulate()
    {
        var folder = new Argument<string>("folder") { Description = "A new or empty folder." };
        var count = new Option<int>("--count")
        {
            Description = "How many recordings, 1 or more; any ten in a row have one of each class.",
            DefaultValueFactory = _ => 200,
            HelpName = "N",
        };
        var seed = new Option<int>("--seed")
        {
            Description = "Selects the set; use different seeds for training and testing.",
            DefaultValueFactory = _ => 1,
            HelpName = "N",
        };
        var size = new Option<int>("--size")
        {
            Description = "The side of the square sensor in pixels, 16 to 128.",
            DefaultValueFactory = _ => 34,
            HelpName = "N",
        };
        var command = new Verb(
            "simulate",
            "Records moving shapes with a simulated event camera into one subfolder per class, in the N-MNIST format.",
            "msvit data simulate train --count 1000 --seed 1",
            "msvit data simulate test --count 200 --seed 2")
        {
            folder, count, seed, size,
        };
        command.SetAction(parsed =>
        {
            var (path, recordings, pixels) = (parsed.GetValue(folder)!, parsed.GetValue(count), parsed.GetValue(size));
            if (recordings < 1 || pixels is < 16 or > 128 || parsed.GetValue(seed) < 0)
            {
                throw new UsageException($"--count is {recordings}, --size is {pixels} and --seed is {parsed.GetValue(seed)}; "
                    + "they must be 1 or more, from 16 to 128, and 0 or more.");
            }
            if (File.Exists(path))
            {
                throw new UsageException($"{path} is a file; expected a new or empty folder.");
            }
            using var held = FolderLock.Take(path, "simulate");
            if (Directory.EnumerateFileSystemEntries(path).Any(entry => !FolderLock.IsOwn(entry)))
            {
                throw new UsageException($"{path} exists and is not an empty folder; choose another.");
            }
            using var interrupt = new Interrupt(
                parsed.InvocationConfiguration.Error, $"Stopping; the finished recordings remain in {path}.");
            var shapes = new SimulatedShapes((ulong)parsed.GetValue(seed), pixels);
            foreach (var name in SimulatedShapes.ClassNames)
            {
                Directory.CreateDirectory(Path.Combine(path, name));
            }
            Parallel.For(0, recordings, new ParallelOptions { CancellationToken = interrupt.Token }, i =>
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"{i:00000}.bin");
                using var file = EventWriter.Atis(Path.Combine(path, SimulatedShapes.ClassNames[SimulatedShapes.Label(i)], name));
                file.Write(shapes.Record(i));
                file.Complete();
            });
            parsed.InvocationConfiguration.Output.WriteLine(
                $"{Counted.Of(recordings, "recording")} of {pixels} x {pixels} pixels in {path}.");
            return ExitCode.Success;
        });
        return command;
    }

    // A table that is no recording is a list of them, or is meant to be one.
    private static bool IsList(string path) => Path.GetExtension(path).ToUpperInvariant() is ".CSV" or ".TXT" or ".TSV"
        && !EventRows.IsFirst(path) && ScannedFile.Of(path, "").Content.Kind != ContentKind.Recording;
}
