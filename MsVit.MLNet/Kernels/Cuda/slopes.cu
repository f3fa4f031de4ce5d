// The slopes of SurrogateFormulas.cs at x = membrane potential - threshold. NaN propagates.
DEVICE float slope_Sigmoid(float x, float a, float b)
{
    float g = 1 / (1 + expf(-(x * a)));
    return g * (1 - g) * a;
}
DEVICE float slope_ATan(float x, float a, float b)
{
    float y = x * (1.57079632679489662f * a);
    return a / 2 / (y * y + 1);
}
DEVICE float slope_PiecewiseQuadratic(float x, float a, float b)
{
    float y = a - fabsf(x) * (a * a);
    return y < 0 ? 0 : y;
}
DEVICE float slope_PiecewiseExp(float x, float a, float b) { return a / 2 * expf(fabsf(x) * -a); }
DEVICE float slope_SoftSign(float x, float a, float b)
{
    float y = fabsf(x * a) + 1;
    return a / 2 / (y * y);
}
DEVICE float slope_NonzeroSignLogAbs(float x, float a, float b) { return a / (fabsf(x * a) + 1); }
DEVICE float slope_Erf(float x, float a, float b)
{
    float y = x * a;
    return a * 0.56418958354775629f * expf(-(y * y));
}
DEVICE float slope_PiecewiseLeakyReLU(float x, float a, float b) { return fabsf(x) < a ? 1 / a : b; }
DEVICE float slope_SquarewaveFourierSeries(float x, float a, float b)
{
    float sum = 0;
    for (int i = 1; i < (int)a; i++)
    {
        sum += cosf(x * (float)(6.28318530717958648 * (2 * i - 1) / b)) * (4 / b);
    }
    return sum;
}
DEVICE float slope_S2NN(float x, float a, float b) { return x < 0 ? slope_Sigmoid(x, a, b) : b / (x + 1); }
DEVICE float slope_QPseudoSpike(float x, float a, float b) { return powf(fabsf(x) * (2 / (a - 1)) + 1, -a); }
DEVICE float slope_LeakyKReLU(float x, float a, float b) { return x >= 0 ? b : a; }
DEVICE float slope_LogTailedReLU(float x, float a, float b) { return x <= 0 ? a : 1 / (x < 1 ? 1 : x); }

#define JOINED(left, right) left##right
#define SLOPE_NAMED(name) JOINED(slope_, name)
