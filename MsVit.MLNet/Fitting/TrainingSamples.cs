namespace MsVit.MLNet;

/// <summary>The samples of one call of Fit, read into memory and temporary files.</summary>
internal sealed class TrainingSamples : IDisposable
{
    private readonly List<SampleStore> _stores;

    /// <param name="training">The training data.</param>
    /// <param name="validation">The validation data; null to hold out a share of the training data.</param>
    /// <param name="validationFraction">That share.</param>
    /// <param name="seed">Decides which samples are held out.</param>
    public TrainingSamples(LabeledSamples training, LabeledSamples? validation, double validationFraction, ulong seed)
    {
        _stores = [.. new[] { training.Store, validation?.Store, training.Teacher?.Store }.OfType<SampleStore>()];
        (Train, Validation) = validation is null
            ? SampleSet.Split(training.Source, validationFraction, seed)
            : (SampleSet.All(training.Source), SampleSet.All(validation.Source));
        Train = Train with { Weights = training.Weights, Teacher = training.Teacher };
    }

    /// <summary>The samples to learn from.</summary>
    public SampleSet Train { get; }

    /// <summary>The samples that choose the best epoch; may be empty.</summary>
    public SampleSet Validation { get; }

    /// <summary>Bytes of samples in memory; those in files do not count.</summary>
    public long BytesInMemory => _stores.Sum(store => store.TotalBytes - store.SpilledBytes);

    /// <inheritdoc/>
    public void Dispose() => _stores.ForEach(store => store.Dispose());
}
