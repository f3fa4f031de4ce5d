using Microsoft.ML;
using MsVit.MLNet;
using MsVit.MLNet.Events;

namespace MsVit.Trainer.Data;

/// <summary>Samples that can be trained on or scored: columns Label and Image, or those of recordings.</summary>
/// <param name="Format">What they are stored as.</param>
/// <param name="View">The rows.</param>
/// <param name="Path">As the user wrote it.</param>
/// <param name="Sensor">The pixels of the camera where they had to be measured; else null.</param>
internal sealed record OpenedData(DataFormat Format, IDataView View, string Path, SensorSize? Sensor = null)
{
    /// <summary>Whether the rows are recordings.</summary>
    public bool IsEvents => Format == DataFormat.Events;

    /// <summary>What a row is called.</summary>
    public string Noun => IsEvents ? "recordings" : "images";

    /// <summary>The network of a name, or where none was given one of this kind of data that a laptop can train.</summary>
    public MsVitConfig Preset(string? name) => UsageException.Check(() => MsVitConfig.Preset(name ?? (IsEvents ? "laptop-dvs" : "laptop-32")));

    /// <summary>Makes sure that a network takes these samples.</summary>
    /// <exception cref="UsageException">It takes others.</exception>
    public void CheckFits(MsVitConfig network)
    {
        if (network.Input == InputKind.Frames != IsEvents)
        {
            throw new UsageException(IsEvents
                ? $"{Path} holds event recordings and the network {network.Name} takes images: choose one for events, such as --preset laptop-dvs."
                : $"{Path} holds images and the network {network.Name} takes event frames: choose one for images, such as --preset laptop-32.");
        }
    }

    /// <summary>Makes sure that a model takes these samples.</summary>
    /// <exception cref="UsageException">It takes others.</exception>
    /// <exception cref="InvalidDataException">It is no model of MsVit's.</exception>
    public void CheckFits(ITransformer model)
    {
        if (model.FindMsVit().Network.Input == InputKind.Frames != IsEvents)
        {
            throw new UsageException(IsEvents
                ? $"{Path} holds event recordings and the model takes images: give images, or a model that was trained on recordings."
                : $"{Path} holds images and the model takes event recordings: give recordings, or a model that was trained on images.");
        }
    }

    /// <summary>The same data with at most so many rows, drawn at random; 0 for all.</summary>
    /// <exception cref="UsageException">The number is below 0.</exception>
    public OpenedData Limit(MLContext mlContext, int rows, int seed) => rows < 0 ? throw new UsageException($"--max-samples is {rows}; it must be 0 or more.")
        : rows == 0 || View.GetRowCount() <= rows
        ? this
        : this with { View = mlContext.Data.TakeRandomRows(View, rows, seed) };
}
