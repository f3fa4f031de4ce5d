using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet;
using MsVit.MLNet.Events;

namespace MsVit.Trainer.Data;

/// <summary>Samples that can be trained on or scored: columns Label and Image, or those of recordings.</summary>
/// <param name="Format">How they are stored.</param>
/// <param name="View">The rows.</param>
/// <param name="Path">The path as the user wrote it.</param>
/// <param name="Sensor">The size of the sensor of recordings, however it is known; null if they have different ones.</param>
internal sealed record OpenedData(DataFormat Format, IDataView View, string Path, SensorSize? Sensor = null)
{
    /// <summary>What a look at the files found; null for drawn shapes and CIFAR's files.</summary>
    public DataAccount? Account { get; init; }

    /// <summary>The part of the account that is opened.</summary>
    public DataPartAccount? Part { get; init; }

    /// <summary>How the files were looked at.</summary>
    public DataLook Look { get; init; } = new();

    /// <summary>How recordings are read.</summary>
    public EventReadOptions Reading => Look.Reading;

    /// <summary>What the recordings state about themselves; null for images.</summary>
    public RecordingSurvey? Survey { get; init; }

    /// <summary>The name of the file or folder, for titles.</summary>
    public string Name => System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(Path));

    /// <summary>Whether the rows are recordings.</summary>
    public bool IsEvents => Format == DataFormat.Events;

    /// <summary>What a row is called.</summary>
    public string Noun => IsEvents ? "recordings" : "images";

    /// <summary>The preset of a name, or if none is given, the one for this kind of data that a laptop can train.</summary>
    public MsVitConfig Preset(string? name) =>
        UsageException.Check(() => MsVitConfig.Preset(name ?? (IsEvents ? "laptop-dvs" : "laptop-32")));

    /// <summary>Makes sure that a network takes these samples.</summary>
    /// <exception cref="UsageException">It takes the other kind.</exception>
    public void CheckFits(MsVitConfig network)
    {
        if (network.Input == InputKind.Frames != IsEvents)
        {
            throw new UsageException(IsEvents
                ? $"{Path} holds event recordings, but the network {network.Name} takes images: "
                    + "choose one for events, such as --preset laptop-dvs."
                : $"{Path} holds images, but the network {network.Name} takes event frames: "
                    + "choose one for images, such as --preset laptop-32.");
        }
    }

    /// <summary>Makes sure that a model takes these samples.</summary>
    /// <exception cref="UsageException">It takes the other kind.</exception>
    /// <exception cref="ArgumentException">It does not have exactly one MsVit model.</exception>
    public void CheckFits(ITransformer model)
    {
        if (model.FindMsVit().Network.Input == InputKind.Frames != IsEvents)
        {
            throw new UsageException(IsEvents
                ? $"{Path} holds event recordings, but the model takes images: give images, or a model that was trained on recordings."
                : $"{Path} holds images, but the model takes event recordings: give recordings, or a model that was trained on images.");
        }
    }

    /// <summary>The test part beside the training part; null if there is none.</summary>
    public OpenedData? TestPart(MLContext mlContext) =>
        Account is { } account && account.Part(DataSplit.Test) is { Split: not null } test && test != Part
            ? DataSource.Part(mlContext, account, DataPart.Test, Look with { Error = null, Reading = Reading with { Sensor = Sensor } })
            : null;

    /// <summary>Makes sure that every sample can be read, as far as its first bytes tell.</summary>
    /// <exception cref="InvalidDataException">Some cannot.</exception>
    public void CheckReadable(UndecodableImagePolicy policy)
    {
        if (Account is null || policy != UndecodableImagePolicy.Throw || Look.IsForced)
        {
            return;
        }
        // The test part too: what the end needs is checked at the start. A part that is not used stops nobody.
        var unused = Account.Parts.Where(part => part != Part && part != Account.Part(DataSplit.Test))
            .Select(part => part.Path + System.IO.Path.DirectorySeparatorChar).ToArray();
        var files = Account.Unreadable
            .Where(file => !unused.Any(folder => file.Path.StartsWith(folder, StringComparison.Ordinal))).ToArray();
        if (files.Length > 0)
        {
            throw new InvalidDataException(AccountRemedies.Of(AccountParts.Unreadable(files), Look.MayForce));
        }
    }

    /// <summary>Makes sure that a limit leaves samples of every class.</summary>
    /// <param name="all">The data without the limit.</param>
    /// <exception cref="InvalidDataException">It does not, and --force was not given.</exception>
    public OpenedData CheckClasses(OpenedData all)
    {
        if (ReferenceEquals(View, all.View) || Look.IsForced)
        {
            return this;
        }
        var classes = all.View.GetColumn<string>(ImageColumns.Label).Distinct().ToArray();
        var missing = classes.Except(View.GetColumn<string>(ImageColumns.Label)).Order(StringComparer.Ordinal).ToArray();
        return missing.Length == 0 ? this : throw new InvalidDataException(
            $"--max-samples leaves {View.GetRowCount()} samples of {Counted.Of(classes.Length, "class", "classes")}, and no sample of "
            + $"{missing.Length} of them ({string.Join(", ", missing.Take(5))}{(missing.Length > 5 ? ", ..." : "")}): the model would not "
            + "know them. Raise --max-samples" + (Look.MayForce ? ", or add --force to train without them." : "."));
    }

    /// <summary>Limits the data to a number of rows, drawn at random; 0 for all.</summary>
    /// <exception cref="UsageException">The number is below 0.</exception>
    public OpenedData Limit(MLContext mlContext, int rows, int seed) =>
        rows < 0 ? throw new UsageException($"--max-samples is {rows}; it must be 0 or more.")
        : rows == 0 || View.GetRowCount() <= rows
        ? this
        : this with { View = mlContext.Data.TakeRandomRows(View, rows, seed) };

    /// <summary>Says how recordings are read, and what may be wrong with them.</summary>
    public void WriteReading(TextWriter error)
    {
        if (Survey is { } survey)
        {
            SurveyLines.Write(error, survey);
        }
    }
}
