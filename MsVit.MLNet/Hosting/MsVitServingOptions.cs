namespace MsVit.MLNet.Hosting;

/// <summary>How a model is served.</summary>
public sealed class MsVitServingOptions
{
    /// <summary>The file that <c>mlContext.Model.Save</c> or <c>msvit train</c> wrote; a relative path is one from the application's content root. Required.</summary>
    public string ModelPath { get; set; } = "";

    /// <summary>auto, cpu, cuda or cuda:N. The default is auto.</summary>
    public string Device { get; set; } = "auto";

    /// <summary>The most requests that are computed together, 1 to 4,096. The default is 16.</summary>
    public int MaxBatchSize { get; set; } = 16;

    /// <summary>How long the first request of a batch waits for others, 0 to 10 seconds. The default is 5 ms.</summary>
    public TimeSpan MaxBatchDelay { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The most requests that are accepted and not yet answered, 1 to 1,000,000; further ones are refused at once. The default is 256.</summary>
    public int QueueCapacity { get; set; } = 256;

    /// <summary>
    /// The longest that a request may take, over 0 to 1 hour. One that is still waiting then is refused, and one that would have to wait longer,
    /// by the pace of the last batches, is refused at once. The default is 10 seconds.
    /// </summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The most pixels of an image, 1 or more; larger ones are refused before they are decoded. The default is 16,777,216 (4,096 x 4,096).</summary>
    public int MaxPixels { get; set; } = 1 << 24;

    /// <summary>The most bytes of an encoded image or recording, 1 or more. The default is 64 MiB.</summary>
    public int MaxBytes { get; set; } = 64 << 20;

    /// <summary>How often the file is looked at, 100 ms to 1 day; a new one is loaded once it has not changed from one look to the next. The default is 2 seconds.</summary>
    public TimeSpan ReloadInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether a replaced file is loaded while the application runs. The default is true.</summary>
    public bool ReloadOnChange { get; set; } = true;
}
