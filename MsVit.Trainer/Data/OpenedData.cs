using Microsoft.ML;
using MsVit.MLNet;
using MsVit.MLNet.Events;

namespace MsVit.Trainer.Data;

/// <summary>Samples that can be trained on or scored: columns Label and Image, or those of recordings.</summary>
/// <param name="Format">How they are stored.</param>
/// <param name="View">The rows.</param>
/// <param name="Path">The path as the user wrote it.</param>
/// <param name="Sensor">The size of the sensor, if it had to be given or measured; else null.</param>
internal sealed record OpenedData(DataFormat Format, IDataView View, string Path, SensorSize? Sensor = null)
{
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

    /// <summary>Limits the data to a number of rows, drawn at random; 0 for all.</summary>
    /// <exception cref="UsageException">The number is below 0.</exception>
    public OpenedData Limit(MLContext mlContext, int rows, int seed) =>
        rows < 0 ? throw new UsageException($"--max-samples is {rows}; it must be 0 or more.")
        : rows == 0 || View.GetRowCount() <= rows
        ? this
        : this with { View = mlContext.Data.TakeRandomRows(View, rows, seed) };
}
