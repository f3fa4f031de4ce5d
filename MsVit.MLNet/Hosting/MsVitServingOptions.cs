namespace MsVit.MLNet.Hosting;

/// <summary>How a model is served.</summary>
public sealed class MsVitServingOptions
{
    /// <summary>
    /// The model file, from <c>mlContext.Model.Save</c> or <c>msvit train</c>, or an ONNX model of <c>SaveMsVitOnnx</c> or <c>msvit
    /// export</c>, which needs no torch. A relative path starts at the application's content root. Required.
    /// </summary>
    public string ModelPath { get; set; } = "";

    /// <summary>Where the model runs: auto, cpu, cuda or cuda:N. The default is auto.</summary>
    public string Device { get; set; } = "auto";

    /// <summary>The most requests in a batch, 1 to 4,096. The default is 16.</summary>
    public int MaxBatchSize { get; set; } = 16;

    /// <summary>How long the first request of a batch waits for others, 0 to 10 seconds. The default is 5 ms.</summary>
    public TimeSpan MaxBatchDelay { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The most pending requests, 1 to 1,000,000; further requests are refused immediately. The default is 256.</summary>
    public int QueueCapacity { get; set; } = 256;

    /// <summary>
    /// The longest time that a request may take, from 1 ms to 1 hour. A request that is still waiting then is refused. A request that would
    /// have to wait longer, at the speed of the last batches, is refused immediately. The default is 10 seconds.
    /// </summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The most pixels of an image, 1 or more; larger images are rejected before they are decoded. The default is 16,777,216
    /// (4,096 x 4,096).
    /// </summary>
    public int MaxPixels { get; set; } = 1 << 24;

    /// <summary>The most bytes of an encoded image or recording, 1 or more. The default is 64 MiB.</summary>
    public int MaxBytes { get; set; } = 64 << 20;

    /// <summary>
    /// How often the file is checked for changes, 100 ms to 1 day. A new file is loaded once it is unchanged between two checks. The
    /// default is 2 seconds.
    /// </summary>
    public TimeSpan ReloadInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether to load a replaced file while the application runs. The default is true.</summary>
    public bool ReloadOnChange { get; set; } = true;
}
