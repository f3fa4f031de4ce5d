namespace MsVit.MLNet.Analysis;

/// <summary>How one neuron layer fired.</summary>
/// <param name="Activity">Over the time steps of the trained network: rate, dead and saturated share.</param>
/// <param name="RatePerStep">Spikes per neuron at each observed time step, 0 to 1; with integer neurons, 0 to their levels.</param>
public sealed record NeuronLayer(LayerActivity Activity, IReadOnlyList<double> RatePerStep);

/// <summary>A trained network run for some number of time steps, with its weights as they are.</summary>
/// <param name="TimeSteps">T.</param>
/// <param name="Accuracy">The share of samples classified correctly, 0 to 1; null without labels.</param>
/// <param name="Joules">Joules per image if every input that is not 0 counts once.</param>
/// <param name="JoulesByValue">Joules per image if an input of 2 counts twice.</param>
public sealed record TimeStepPoint(int TimeSteps, double? Accuracy, double Joules, double JoulesByValue);

/// <summary>A trained network that stops as soon as it is sure enough.</summary>
/// <param name="Threshold">
/// A sample stops once the probability of its likeliest class, from the mean of the logits so far, exceeds this.
/// </param>
/// <param name="Accuracy">The share of samples classified correctly, 0 to 1; null without labels.</param>
/// <param name="MeanTimeSteps">The mean number of time steps, 1 to T.</param>
/// <param name="Joules">Joules per image, the mean over the samples, each with the spikes of the steps that it ran.</param>
public sealed record ExitPoint(double Threshold, double? Accuracy, double MeanTimeSteps, double Joules);

/// <summary>One sample after 1, 2, ..., T steps.</summary>
/// <param name="Confidence">The probability of the likeliest class.</param>
/// <param name="IsRight">Whether the likeliest class is the label.</param>
/// <param name="Picojoules">The energy of these steps.</param>
internal sealed record SampleOutcome(float[] Confidence, bool[] IsRight, double[] Picojoules);
