using Microsoft.ML.Data;
using MsVit.MLNet.Events;

namespace Microsoft.ML;

/// <summary>Adds the transforms of MsVit to <c>mlContext.Transforms</c>.</summary>
public static class MsVitTransformsCatalog
{
    /// <summary>
    /// Counts the events of recordings into frames [T, P, H, W]. <c>mlContext.Data.LoadEventRecordings</c> lists the recordings.
    /// </summary>
    /// <param name="catalog"><c>mlContext.Transforms</c>.</param>
    /// <param name="outputColumnName">The column that is added, a vector of Byte. The default is "Frames".</param>
    /// <param name="pathColumnName">The column of paths. The default is "Path".</param>
    /// <param name="frames">
    /// Time steps, split, sensor, box, cells, polarity, largest count; null for 16 frames of equally many events over the whole sensor.
    /// </param>
    /// <example>
    /// <code>
    /// var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Label")
    ///     .Append(mlContext.Transforms.EventsToFrames(frames: new EventFrameOptions { TimeSteps = 8 }))
    ///     .Append(mlContext.MulticlassClassification.Trainers.MsVit(network: network));
    /// </code>
    /// </example>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static EventsToFramesEstimator EventsToFrames(
        this TransformsCatalog catalog,
        string outputColumnName = EventColumns.Frames,
        string pathColumnName = EventColumns.Path,
        EventFrameOptions? frames = null) =>
        catalog.EventsToFrames(new EventsToFramesOptions
        {
            OutputColumnName = outputColumnName,
            PathColumnName = pathColumnName,
            Frames = frames ?? new(),
        });

    /// <summary>Counts the events of recordings into frames, with all options: reading, cleaning, unreadable recordings, cache.</summary>
    /// <param name="catalog"><c>mlContext.Transforms</c>.</param>
    /// <param name="options">The options.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static EventsToFramesEstimator EventsToFrames(this TransformsCatalog catalog, EventsToFramesOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        return new EventsToFramesEstimator(CatalogUtils.GetEnvironment(catalog), options);
    }
}
