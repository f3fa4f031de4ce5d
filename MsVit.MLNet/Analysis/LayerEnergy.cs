namespace MsVit.MLNet.Analysis;

/// <summary>The energy of one layer for one image, or one recording.</summary>
/// <param name="Layer">Its operations.</param>
/// <param name="Input">Its observed inputs.</param>
/// <param name="Runs">How often it runs: T times, or once.</param>
/// <param name="AnnRuns">How often it would run in an ordinary network.</param>
/// <param name="Constants">What an operation costs.</param>
public sealed record LayerEnergy(LayerOperations Layer, LayerInput Input, int Runs, int AnnRuns, EnergyConstants Constants)
{
    /// <summary>
    /// rate x T x operations, where the rate is the share of inputs that are not 0; all operations if the inputs are pixels, counts or
    /// means.
    /// </summary>
    public double Operations => Of(Layer.TakesSpikes ? Input.NonZeroShare : 1);

    /// <summary>
    /// The same, where the rate is the mean value: a count of 3 is three operations, and a spike that gates counts is as many operations as
    /// they can be (<see cref="LayerOperations.Gated"/>).
    /// </summary>
    public double OperationsByValue => Of(Layer.TakesSpikes ? Input.MeanValue * Layer.Gated : 1);

    /// <summary>Picojoules of the operations.</summary>
    public double Picojoules => Operations * PerOperation;

    /// <summary>Picojoules if an input of 2 counts twice.</summary>
    public double PicojoulesByValue => OperationsByValue * PerOperation;

    /// <summary>Picojoules of the layer in an ordinary network: every operation is a MAC.</summary>
    public double AnnPicojoules => Constants.Mac * Layer.Macs * AnnRuns;

    /// <summary>
    /// Picojoules with memory: one weight read per operation, one input read for each that is not 0, each membrane read and written at each
    /// step; all from memories of 8 KB, nothing reused.
    /// </summary>
    public double MemoryPicojoules
    {
        get
        {
            var read = Layer.TakesSpikes ? Input.NonZeroShare : 1;
            return Picojoules + (Constants.Word * (Operations + (Runs * ((read * Layer.Inputs) + (2 * Layer.Neurons)))));
        }
    }

    /// <summary>Picojoules of an ordinary network with memory: one weight read per MAC, every input read, every output written.</summary>
    public double AnnMemoryPicojoules => AnnPicojoules + (Constants.Word * AnnRuns * (Layer.Macs + Layer.Inputs + Layer.Neurons));

    private double PerOperation => Layer.TakesSpikes ? Constants.Accumulate : Constants.Mac;

    private double Of(double rate) => rate * Runs * Layer.Macs;
}
