using System.Globalization;
using Microsoft.ML;
using MsVit.MLNet;
using MsVit.MLNet.Events;

namespace MsVit.Trainer.Data;

/// <summary>Opens the data of --data.</summary>
internal static class DataSource
{
    private const int DefaultShapes = 2000;

    /// <summary>Opens a set.</summary>
    /// <param name="mlContext">The context that loads the data.</param>
    /// <param name="path">A path, or shapes:COUNT:SEED.</param>
    /// <param name="format">The format; Auto to detect it.</param>
    /// <param name="part">Which part to open, if a folder has both.</param>
    /// <param name="look">How the files of a folder or list are looked at; null for the defaults.</param>
    /// <exception cref="UsageException">The path does not exist or is not understood.</exception>
    /// <exception cref="InvalidDataException">A model of this data would be worthless; the message says why.</exception>
    public static OpenedData Open(MLContext mlContext, string path, DataFormat format, DataPart part, DataLook? look = null)
    {
        var found = format == DataFormat.Auto ? FormatDetection.Of(path, part) : format;
        return found switch
        {
            DataFormat.Shapes => new(found, Shapes(mlContext, path, part), path),
            DataFormat.Cifar10 => new(found, mlContext.Data.LoadCifar10(Files(path, part)), path),
            DataFormat.Cifar100 => new(found, mlContext.Data.LoadCifar100(Files(path, part)), path),
            _ => Part(mlContext, Account(path, found, look ?? new()), part, look ?? new()),
        };
    }

    /// <summary>Looks at the files of a folder or list.</summary>
    /// <exception cref="UsageException">The path does not exist.</exception>
    public static DataAccount Account(string path, DataFormat format, DataLook look)
    {
        FormatDetection.CheckExists(path);
        return DataAccount.Of(path, new()
        {
            Kind = format switch
            {
                DataFormat.Folder => SampleKind.Images,
                DataFormat.Events => SampleKind.Recordings,
                _ => null,
            },
            Reading = look.Reading,
            Force = look.IsForced,
            Decode = look.Decode,
            Describe = ErrorLine.Of,
            Progress = new ScanProgress(look.Error, path),
            CancellationToken = look.Cancellation,
        });
    }

    /// <summary>Says in a few lines what the files are, what is passed over and what looks wrong, and opens a part.</summary>
    /// <exception cref="InvalidDataException">A model of this part would be worthless, or there is no such part.</exception>
    public static OpenedData Part(MLContext mlContext, DataAccount account, DataPart part, DataLook look)
    {
        var split = part == DataPart.Train ? DataSplit.Train : DataSplit.Test;
        var chosen = account.Part(split);
        if (Fatal(account, chosen, part) is { } fatal)
        {
            throw new InvalidDataException(AccountRemedies.Of(fatal, look.MayForce));
        }
        if (chosen is null || account.Kind is not { } kind)
        {
            throw new InvalidDataException($"{account.Path} has no {(part == DataPart.Train ? "training" : "test")} part; it has "
                + $"{string.Join(", ", account.Parts.Select(other => other.Name + "/"))}. "
                + $"Give {account.Parts.Select(other => other.Path).FirstOrDefault("a part")} if it is meant.");
        }
        if (look.Error is { } error)
        {
            foreach (var line in AccountLines.Of(account, chosen, part, look.MayForce))
            {
                error.WriteLine(line);
            }
        }
        var samples = account.Files.Single(files => files.Part == chosen).Samples;
        var opened = kind == SampleKind.Images
            ? new OpenedData(
                DataFormat.Folder,
                ImageFolderDataView.Create([.. samples.Select(sample => new ImageFile(sample.File.Path, sample.File.Label))]),
                chosen.Path)
            : Events(mlContext, [.. samples.Select(Recording)], chosen.Path, look);
        return opened with { Account = account, Part = chosen, Look = look };
    }

    /// <summary>A sample of an account as a recording.</summary>
    public static EventRecording Recording(AccountedSample sample) =>
        new(sample.File.Path, sample.File.Label) { Start = sample.Start, End = sample.End };

    /// <summary>The first problem that makes a part useless; null if it can be used.</summary>
    public static DataProblem? Fatal(DataAccount account, DataPartAccount? chosen, DataPart part) => account.Problems.FirstOrDefault(
        problem => problem.IsFatal && (problem.Part is null || problem.Part == chosen?.Path)
            && !(part == DataPart.Test && MayMissClasses(account, problem)));

    // A test set may have fewer classes than the model: a list of one, or an empty folder.
    private static bool MayMissClasses(DataAccount account, DataProblem problem) => problem.Kind == DataProblemKind.EmptyClass
        || (problem.Kind == DataProblemKind.OneClass && File.Exists(account.Path));

    private static string[] Files(string path, DataPart part)
    {
        if (!File.Exists(path) && !Directory.Exists(path))
        {
            throw new UsageException($"There is no file or folder {Path.GetFullPath(path)}.");
        }
        return CifarFiles.Of(path, part) is { Length: > 0 } files ? files : throw new UsageException(
            $"{path} holds no {(part == DataPart.Train ? "data_batch_*.bin or train.bin" : "test_batch*.bin or test.bin")}.");
    }

    // The test set has another seed, so it has no training images.
    private static IDataView Shapes(MLContext mlContext, string path, DataPart part)
    {
        int[] numbers = [DefaultShapes, part == DataPart.Train ? 1 : 2];
        var words = path.Split(':')[1..];
        if (words.Length > numbers.Length || !words.Index().All(word => TryRead(word.Item, out numbers[word.Index])) || numbers[0] < 1)
        {
            throw new UsageException(
                $"'{path}' is not understood: expected shapes, shapes:COUNT or shapes:COUNT:SEED, such as shapes:2000:1.");
        }
        return mlContext.Data.LoadShapeImages(numbers[0], numbers[1]);

        static bool TryRead(string word, out int number) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private static OpenedData Events(MLContext mlContext, EventRecording[] recordings, string path, DataLook look)
    {
        var survey = RecordingSurvey.Of(recordings, look.Reading, look.Cancellation);
        return new(DataFormat.Events, mlContext.Data.LoadEventRecordings(survey.Recordings), path, survey.Sensor) { Survey = survey };
    }
}

/// <summary>How the files of a folder or list are looked at.</summary>
internal sealed record DataLook
{
    /// <summary>Where to say how far it is and what was found; null for nowhere.</summary>
    public TextWriter? Error { get; init; }

    /// <summary>How recordings are read.</summary>
    public EventReadOptions Reading { get; init; } = new();

    /// <summary>Whether the command has --force.</summary>
    public bool MayForce { get; init; }

    /// <summary>Whether --force was given.</summary>
    public bool IsForced { get; init; }

    /// <summary>Whether every file is decoded.</summary>
    public bool Decode { get; init; }

    public CancellationToken Cancellation { get; init; }
}
