package dev.livesync.cli;

import java.util.List;

/** The plane that is nearest to some points. */
final class LeastSquares {
    private LeastSquares() {}

    /**
     * Fits {@code y = c[0] + c[1] x[0] + c[2] x[1] + ...}.
     *
     * @param xs for each point its coordinates
     * @param ys for each point its value
     * @return c
     */
    static double[] fit(List<double[]> xs, double[] ys) {
        int n = xs.get(0).length + 1;
        double[] scale = new double[n];
        for (double[] x : xs) {
            for (int i = 0; i < n; i++) {
                scale[i] = Math.max(scale[i], Math.abs(i == 0 ? 1 : x[i - 1]));
            }
        }
        double[][] normal = new double[n][n + 1];
        for (int p = 0; p < ys.length; p++) {
            for (int i = 0; i < n; i++) {
                double left = coordinate(xs.get(p), i) / scale[i];
                for (int j = 0; j < n; j++) {
                    normal[i][j] += left * coordinate(xs.get(p), j) / scale[j];
                }
                normal[i][n] += left * ys[p];
            }
        }
        for (int i = 0; i < n; i++) {
            int best = i;
            for (int row = i + 1; row < n; row++) {
                best = Math.abs(normal[row][i]) > Math.abs(normal[best][i]) ? row : best;
            }
            double[] pivot = normal[best];
            normal[best] = normal[i];
            normal[i] = pivot;
            for (int row = 0; row < n; row++) {
                double factor = row == i ? 0 : normal[row][i] / pivot[i];
                for (int j = i; j <= n; j++) {
                    normal[row][j] -= factor * pivot[j];
                }
            }
        }
        double[] found = new double[n];
        for (int i = 0; i < n; i++) {
            found[i] = normal[i][n] / normal[i][i] / scale[i];
        }
        return found;
    }

    private static double coordinate(double[] x, int i) {
        return i == 0 ? 1 : x[i - 1];
    }
}
