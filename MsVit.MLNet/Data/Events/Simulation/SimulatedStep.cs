namespace MsVit.MLNet.Events;

/// <summary>The time from one image to the next, as all pixels share it.</summary>
/// <param name="Start">The time of the first image, microseconds.</param>
/// <param name="Elapsed">Microseconds to the second.</param>
/// <param name="Leaked">By how much of C_on the remembered level falls meanwhile.</param>
/// <param name="Refractory">The dead time, microseconds.</param>
/// <param name="Queue">Where events go.</param>
internal readonly record struct SimulatedStep(long Start, long Elapsed, double Leaked, long Refractory, EventQueue Queue);
